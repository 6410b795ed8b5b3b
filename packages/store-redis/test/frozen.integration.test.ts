import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startProxy, startRedis, type TcpProxy, type TestServer } from '@otp/test/servers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const PAGE = new URL('../../../docs/guides/lambda-and-connections.md', import.meta.url);
const REGISTER = new URL('../../../scripts/register-typescript.mjs', import.meta.url);
const FROZEN_MS = 500;

/** The first program of the guide, as it stands, with a message for each event. */
function functionOfGuide(): string {
  const [, code = ''] = /^```js\n(.*?)^```/ms.exec(readFileSync(PAGE, 'utf8')) ?? [];
  return `${code}
process.on('message', async (event) => process.send(await handler(event)));
process.on('disconnect', () => process.exit());
client.once('ready', () => process.send('ready'));
`;
}

/** A create for another address each time. */
const eventOf = (index: number) => ({
  version: '2.0',
  rawPath: '/v1/session/otp',
  rawQueryString: '',
  headers: { 'content-type': 'application/json' },
  requestContext: {
    domainName: 'api.example.com',
    stage: '$default',
    http: { method: 'POST', path: '/v1/session/otp', sourceIp: `203.0.113.${index}` },
  },
  body: JSON.stringify({
    identifier: { type: 'email_address', value: `ada${index}@example.com` },
  }),
  isBase64Encoded: false,
});

let server: TestServer;
let proxy: TcpProxy;
beforeAll(async () => {
  server = await startRedis();
  proxy = await startProxy({ port: server.port });
});
afterAll(async () => {
  await proxy.close();
  await server.stop();
});

describe('the function of docs/guides/lambda-and-connections.md', () => {
  it.each([
    ['closed', () => proxy.cut()],
    ['silent', () => proxy.silence()],
  ])('sends a code after a freeze in which its connection was %s', async (_, end) => {
    const child = fork('-', [], {
      execArgv: ['--import', REGISTER.href, '--input-type=module', '--eval', functionOfGuide()],
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      env: {
        ...process.env,
        REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
        OTP_SECRET: randomBytes(32).toString('base64url'),
      },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child, 'message');
    const invoke = async (index: number) => {
      child.send(eventOf(index));
      const [{ statusCode }] = await once(child, 'message');
      return statusCode;
    };
    expect(await invoke(1)).toBe(204);
    child.kill('SIGSTOP');
    await sleep(FROZEN_MS);
    end();
    child.kill('SIGCONT');
    expect(await invoke(2)).toBe(204);
  });
});
