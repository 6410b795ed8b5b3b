import { startDistantProxy } from '@otp/test/count-waits';
import { byDepth } from '@otp/test/depth';
import { startPostgres, startProxy, type TestServer } from '@otp/test/servers';
import { serviceWaits, WAITS_ON_ONE_NODE } from '@otp/test/service-waits';
import { cookieOf } from '@otp/testing';
import { email, setUp, tally, times, UNLIMITED } from '@otp/testing/internal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresStore, migrate } from '../src/index.js';
import { Opened, PATIENT } from './test-database.js';

const opened = new Opened();
let server: TestServer;

beforeAll(async () => {
  server = await opened.server(startPostgres());
  await migrate(opened.pool(server.url));
});
afterAll(() => opened.end());

function poolAt({ port, close }: { port: number; close(): Promise<void> }) {
  void opened.server(Promise.resolve({ stop: close }));
  return opened.pool(`postgres://postgres@127.0.0.1:${port}/postgres`);
}

it('waits once for every operation but a check, which waits twice', async () => {
  const pool = poolAt(await startDistantProxy(server));
  const store = createPostgresStore({ pool, ...PATIENT });
  expect(await serviceWaits(store)).toEqual(WAITS_ON_ONE_NODE);
});

const AT_ONCE = byDepth({ quick: 200, full: 1_000 });

describe(`${AT_ONCE} at once on ten connections, each statement 5 ms slower`, () => {
  const service = async () => {
    const proxy = await startProxy(server);
    proxy.delay(2.5);
    return setUp({ store: createPostgresStore({ pool: poolAt(proxy) }), limits: UNLIMITED });
  };

  it('creates all pass [S19]', async () => {
    const t = await service();
    const creates = times(AT_ONCE, (index) => t.create(email(`burst${index}@example.com`)));
    expect(tally(await Promise.all(creates))).toEqual({ 204: AT_ONCE });
  });

  it('one of the checks with the right code passes [R02, S19]', async () => {
    const t = await service();
    const cookie = cookieOf(await t.create(email('burst@example.com')));
    const checks = times(AT_ONCE, () => t.check(cookie, t.code()));
    const answers = tally(await Promise.all(checks));
    expect(answers).toEqual({ 200: 1, unauthorized: AT_ONCE - 1 });
  });
});
