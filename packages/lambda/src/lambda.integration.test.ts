import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { casesBehind } from './lib/testing/cases.js';
import type { Exchanged, FromFunction, RunCase } from './lib/testing/function.js';
import { GATEWAY_NAMES, GATEWAYS, type Gateway } from './lib/testing/gateways.js';
import { type LambdaRuntime, startLambdaRuntime } from './lib/testing/runtime.js';

const directory = mkdtempSync(join(tmpdir(), 'otp-lambda-'));
let runtime: LambdaRuntime;

beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL('lib/testing/function.ts', import.meta.url))],
    outfile: join(directory, 'index.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    alias: {
      '@otp/core': fileURLToPath(new URL('../../core/src/index.ts', import.meta.url)),
      '@otp/core/testing': fileURLToPath(new URL('../../core/src/testing.ts', import.meta.url)),
    },
  });
  runtime = await startLambdaRuntime({
    // From the set-up of these tests.
    client: String(process.env.LAMBDA_RIC_PATH),
    directory,
    handler: 'index.handler',
    // The client writes what an invocation fails with to the terminal otherwise.
    env: { AWS_LAMBDA_LOG_LEVEL: 'FATAL' },
  });
});

afterAll(async () => {
  await runtime?.stop();
  rmSync(directory, { recursive: true });
});

/** The case runs where the function is; its requests come here, and go back in through the gateway. */
function runInFunction(name: string, gateway: Gateway): Promise<void> {
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
    process.send({ name, url: gateway.url } satisfies RunCase);
  });
}

describe.each(GATEWAY_NAMES)('L01 L03 %s, in the runtime of Lambda', (name) => {
  const gateway = GATEWAYS[name];
  test.each(casesBehind(gateway))('$name', (each) => runInFunction(each.name, gateway));
});

test('L03 an event of another kind fails its invocation, and the function lives on', async () => {
  await expect(runtime.invoke({ Records: [] })).rejects.toThrow('TypeError: otpHandler takes');
  const url = GATEWAYS['function URL'];
  const keys = url.toEvent({ method: 'GET', path: '/jwks.json', headers: [] });
  expect(url.toResponse(await runtime.invoke(keys)).status).toBe(200);
});
