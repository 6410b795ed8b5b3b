import { adapterCases } from '@otp/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RUNTIMES, type RunningRuntime, startRuntime } from './runtimes/start.js';

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
