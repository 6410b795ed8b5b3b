import { adapterCases } from '@otp/testing';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { RUNTIMES, type RunningRuntime, startReadme, startRuntime } from './runtimes/start.js';

test.each(['bun', 'deno'] as const)('the program of the README runs in %s [L06]', async (name) => {
  const program = await startReadme(name);
  onTestFinished(() => program.stop());
  const post = async (path: string, body: unknown, cookie = '') => {
    const headers = { 'content-type': 'application/json', cookie };
    return fetch(program.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  };
  const identifier = { type: 'email_address', value: 'ada@example.com' };
  const created = await post('/v1/session/otp', { identifier });
  expect(created.status).toBe(204);
  const [code] = /\b\d{6}\b/.exec(program.output()) ?? [];
  const [cookie = ''] = created.headers.getSetCookie();
  const checked = await post('/v1/session/otp/check', { code }, cookie.split(';')[0]);
  expect(checked.status).toBe(200);
  const session = await post('/session', await checked.json());
  expect(await session.json()).toEqual({ signedIn: identifier });
});

describe.each(RUNTIMES)('@otp/core and @otp/fetch from npm in %s', (name) => {
  let runtime: RunningRuntime;
  beforeAll(async () => {
    runtime = await startRuntime(name, name === 'workerd' ? 'worker' : name);
  });
  afterAll(() => runtime?.stop());

  /** What is wrong with a case, or with the comparison with plain data. */
  async function run(host: string, adapterCase = ''): Promise<string> {
    const query = new URLSearchParams({ host, case: adapterCase });
    return (await fetch(`${runtime.url}/run?${query}`)).text();
  }

  describe.each(['by hand', 'Hono'])('mounted in %s', (host) => {
    test.each(adapterCases)('$name [L01, L06]', async (each) => {
      expect(await run(host, each.name)).toBe('');
    });

    test('2,000 generated requests get the answers of plain data, as in Express [L06]', async () => {
      expect(await run(host)).toBe('');
    }, 120_000);
  });

  if (name !== 'workerd') return;
  test('a service can be created while a worker is loaded [L06]', async () => {
    expect((await fetch(`${runtime.url}/module/jwks.json`)).status).toBe(200);
  });
});
