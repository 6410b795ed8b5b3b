import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GATEWAY_NAMES, GATEWAYS, type LambdaRuntime, startLambdaRuntime } from '@otp/test/lambda';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { casesBehind } from './cases.js';
import type { Exchanged, FromFunction, Task } from './function.js';

const directory = mkdtempSync(join(tmpdir(), 'otp-lambda-'));
let runtime: LambdaRuntime;

const sourceOf = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL('function.ts', import.meta.url))],
    outfile: join(directory, 'index.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    alias: {
      '@otp/core/adapter': sourceOf('packages/core/src/adapter.ts'),
      '@otp/core/store': sourceOf('packages/core/src/store.ts'),
      '@otp/core': sourceOf('packages/core/src/index.ts'),
      '@otp/testing/internal': sourceOf('packages/testing/src/internal.ts'),
      '@otp/testing': sourceOf('packages/testing/src/index.ts'),
      '@otp/test/lambda': sourceOf('test/lambda/index.ts'),
    },
  });
  runtime = await startLambdaRuntime({
    // Set by scripts/lambda-setup.mjs.
    client: String(process.env.LAMBDA_RIC_PATH),
    directory,
    handler: 'index.handler',
    // Otherwise the client writes the errors of invocations to the terminal.
    env: { AWS_LAMBDA_LOG_LEVEL: 'FATAL' },
  });
});

afterAll(async () => {
  await runtime?.stop();
  rmSync(directory, { recursive: true });
});

/** Runs a task in the function; its requests arrive here and return through the gateway. */
function runInFunction(task: Task): Promise<void> {
  const gateway = GATEWAYS[task.gateway];
  return new Promise((resolve, reject) => {
    const { process } = runtime;
    process.once('exit', reject);
    const onMessage = (message: FromFunction) => {
      if (message.type === 'exchange') {
        const { id, request } = message;
        const invoked = runtime.invoke(gateway.toEvent(request));
        invoked
          .then((result) => gateway.toResponse(result))
          .then((response) => process.send({ id, response } satisfies Exchanged), reject);
        return;
      }
      process.off('message', onMessage).off('exit', reject);
      if (message.error === undefined) resolve();
      else reject(new Error(message.error));
    };
    process.on('message', onMessage);
    process.send(task);
  });
}

describe.each(GATEWAY_NAMES)('%s, in the runtime of Lambda [L01, L03]', (gateway) => {
  test.each(casesBehind(GATEWAYS[gateway]))('$name', ({ name }) =>
    runInFunction({ gateway, name }),
  );
});

test.each(GATEWAY_NAMES)(
  '2,000 generated requests through %s get the answers of plain data, and have its effects [L01, L03]',
  (gateway) => runInFunction({ gateway }),
  120_000,
);

test('an event of another kind fails its invocation, and the function continues to work [L03]', async () => {
  await expect(runtime.invoke({ Records: [] })).rejects.toThrow('TypeError: otpHandler takes');
  const url = GATEWAYS['function URL'];
  const keys = url.toEvent({ method: 'GET', path: '/jwks.json', headers: [] });
  expect(url.toResponse(await runtime.invoke(keys)).status).toBe(200);
});
