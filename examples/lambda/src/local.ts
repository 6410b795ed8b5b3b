import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createApp } from '@otp/example-express/app';
import {
  createDemo,
  readSettings,
  SettingError,
  type Settings,
  urlHost,
} from '@otp/example-shared';
import { type LambdaRuntime, startLambdaRuntime } from '@otp/lambda/testing';
import { forward, readGateway } from './gateway.js';
import { createMessageServer } from './messages.js';

/** The demo, but what is mounted is the function, in the runtime of Lambda. */
async function serve(settings: Settings): Promise<{ server: Server; runtime: LambdaRuntime }> {
  const gateway = readGateway(process.env);
  const client = readClient(process.env);
  const server = createServer();
  const port = await listen(server, settings);
  const demo = createDemo({ ...settings, port });
  const messages = createMessageServer(demo.inbox);
  const messagesPort = await listen(messages, { host: '127.0.0.1', port: 0 });
  messages.unref();

  const name = settings.host === '127.0.0.1' ? 'localhost' : urlHost(settings);
  const runtime = await startLambdaRuntime({
    client,
    directory: fileURLToPath(new URL('../function/', import.meta.url)),
    handler: 'index.handler',
    env: {
      // What the gateway's events name as the domain is none that clients have called.
      OTP_PUBLIC_URL: `http://${name}:${port}/v1/session/otp`,
      ...otpVariables(),
      OTP_SECRET: settings.secret.toString('base64url'),
      OTP_SENDER_URL: `http://127.0.0.1:${messagesPort}/`,
      HOST: settings.host,
      PORT: String(port),
    },
  });
  server.on('request', createApp(demo, forward(gateway, runtime)));
  console.log(`The demo is at http://${name}:${port} and its messages at /dev/inbox`);
  return { server, runtime };
}

function readClient({ LAMBDA_RIC_PATH }: NodeJS.ProcessEnv): string {
  if (LAMBDA_RIC_PATH) return LAMBDA_RIC_PATH;
  throw new SettingError(
    'LAMBDA_RIC_PATH must be the file index.mjs of the package aws-lambda-ric.',
  );
}

async function listen(
  server: Server,
  { host, port }: Pick<Settings, 'host' | 'port'>,
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ message }) => {
      reject(new SettingError(`The demo cannot listen on HOST ${host}, PORT ${port}: ${message}`));
    });
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

function otpVariables() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => /^OTP_/.test(name)));
}

try {
  const { server, runtime } = await serve(readSettings(process.env, (text) => console.warn(text)));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, async () => {
      await runtime.stop();
      server.close(() => process.exit(0));
      server.closeAllConnections();
    });
  }
} catch (error) {
  if (!(error instanceof SettingError)) throw error;
  console.error(error.message);
  process.exit(1);
}
