import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RuntimeApi } from './runtime-api.js';

export interface LambdaRuntimeOptions {
  /** The file `index.mjs` of the npm package aws-lambda-ric, AWS's own runtime client. */
  readonly client: string;
  /** The folder to deploy. */
  readonly directory: string;
  /** File and export, such as `index.handler`. */
  readonly handler: string;
  /** Environment of the function, beside the variables that Lambda sets. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Whether the output of the function goes to the streams of this process. @default `inherit` */
  readonly output?: 'inherit' | 'ignore';
  /** The time limit of an invocation, which the function receives as its deadline. @default 15 */
  readonly timeoutSeconds?: number;
}

export interface LambdaRuntime {
  /** The process of the function, which can use `process.send`. */
  readonly process: ChildProcess;
  /** Invokes the function, one event after the other. Rejects when the function fails. */
  invoke(event: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/**
 * Runs a function on this machine in AWS's own runtime client, for which this process serves the Lambda Runtime API.
 * Resolves when the function is loaded; rejects when it cannot be.
 */
export async function startLambdaRuntime(options: LambdaRuntimeOptions): Promise<LambdaRuntime> {
  const { timeoutSeconds = 15 } = options;
  const api = new RuntimeApi();
  const server = createServer((request, response) => void api.answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const child = spawnClient(options, port);
  child.once('exit', (status) => api.end(new Error(`The runtime has ended with ${status}.`)));
  child.once('error', (error) => api.end(error));

  const stop = async () => {
    const isAlive = child.pid !== undefined && child.exitCode === null && child.signalCode === null;
    if (isAlive && child.kill('SIGKILL')) await once(child, 'exit');
    server.closeAllConnections();
    server.close();
  };
  try {
    await once(api, 'loaded');
  } catch (error) {
    await stop();
    throw error;
  }
  return { process: child, invoke: (event) => api.invoke(event, timeoutSeconds), stop };
}

function spawnClient(options: LambdaRuntimeOptions, port: number): ChildProcess {
  const { client, directory, handler, env, output = 'inherit' } = options;
  return spawn(process.execPath, [client], {
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      ...env,
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
      _HANDLER: handler,
      LAMBDA_TASK_ROOT: directory,
      AWS_LAMBDA_FUNCTION_NAME: 'function',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/function',
      AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    },
    stdio: ['ignore', output, output, 'ipc'],
    serialization: 'advanced',
  });
}
