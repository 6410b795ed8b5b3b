import { getDefaultHighWaterMark } from 'node:stream';
import { compareWithHandle } from '@otp/test/compare-adapter';
import { RawClient, rawRequest } from '@otp/test/raw-client';
import {
  cookieOf,
  createTestService,
  exchangeOver,
  headerValues,
  post,
  type TestServiceOptions,
} from '@otp/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { OtpRoutesOptions } from '../src/index.js';
import { routesOf } from './direct.js';
import {
  followingRedirects,
  type NextApp,
  nextAdapter,
  nextCases,
  receivedByNext,
  startNextApp,
} from './next-app.js';

const MOUNT = '/v1/session/otp';
const EMAIL = JSON.stringify({ identifier: { type: 'email_address', value: 'user@example.com' } });
const JSON_TYPE = 'Content-Type: application/json';

let app: NextApp;
const clients: RawClient[] = [];

beforeAll(async () => {
  app = await startNextApp('app');
});

afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

afterAll(() => app?.close());

describe.each([
  ['a catch-all route', MOUNT],
  ['a catch-all route elsewhere', '/any/otp'],
  ['one file a route', '/files/otp'],
])('%s [L04]', (_, mount) => {
  test.each(nextCases)('$name [L01]', ({ run }) => run(nextAdapter(() => app, mount)));
});

test('a slash too many is redirected by a status that keeps method and body', async () => {
  const t = createTestService();
  const mounted = await followingRedirects(nextAdapter(() => app, MOUNT)).mount(t.service);
  const cookie = cookieOf(await mounted.exchange(post('/', EMAIL)));
  const check = post('/check/', { code: t.code() }, { cookie });
  expect((await mounted.exchange(check)).status).toBe(200);
  await mounted.close();
});

test('2,000 generated requests get the answers of plain data, and have its effects [L01]', async () => {
  const clientAddress = { header: 'x-forwarded-for' };
  const adapter = followingRedirects(nextAdapter(() => app, MOUNT, { clientAddress }));
  await compareWithHandle(adapter, { clientAddress: '127.0.0.1', received: receivedByNext });
}, 120_000);

function mount(options: TestServiceOptions = {}, routes: Omit<OtpRoutesOptions, 'session'> = {}) {
  const t = createTestService(options);
  globalThis.routesUnderTest = (own) => routesOf(own, t.service, routes);
  return t;
}

type Mounted = ReturnType<typeof mount>;

async function connect(): Promise<RawClient> {
  const client = await RawClient.open(app.port);
  clients.push(client);
  return client;
}

const create = () => exchangeOver(app.port, { ...post('/', EMAIL), path: MOUNT });

/** Neither the store nor the sender was called, and the next client is served. */
async function expectUntouchedAndAlive(t: Mounted): Promise<void> {
  expect(t.store.calls).toEqual([]);
  expect(t.sender.attempts).toBe(0);
  expect((await create()).status).toBe(204);
  expect(t.sender.messages).toHaveLength(1);
}

/** Node's request and Next's copy each fill a buffer before the body is read; since Node 22 it is larger. */
const READ_AHEAD = 2 * (getDefaultHighWaterMark(false) - 16 * 1024);

async function expectRefused(client: RawClient): Promise<void> {
  const { status, body } = await client.next();
  expect([status, JSON.parse(body).code]).toEqual([400, 'bad_request']);
}

describe('in a real Next app [L04]', () => {
  test('HEAD and other methods get 405 with Allow, and the connection stays usable [B01]', async () => {
    const t = mount();
    const client = await connect();
    for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      for (const path of ['', '/retry', '/check']) {
        await client.send(rawRequest(`${method} ${MOUNT}${path}`, [JSON_TYPE], ''));
        const { status, head } = await client.next();
        expect([method, path, status]).toEqual([method, path, 405]);
        expect(head).toMatch(/^allow: POST$/m);
      }
    }
    expect(client.isOpen).toBe(true);
    await expectUntouchedAndAlive(t);
  });

  test.each([
    [['Content-Type: text/plain', JSON_TYPE]],
    [[`${JSON_TYPE}, application/json`]],
    [[JSON_TYPE, 'Content-Encoding: identity', 'Content-Encoding: gzip']],
    [[]],
  ])('valid JSON under %j is refused before any limit is charged [B02]', async (fields) => {
    const t = mount();
    const client = await connect();
    await client.send(rawRequest(`POST ${MOUNT}`, fields, EMAIL));
    await expectRefused(client);
    await expectUntouchedAndAlive(t);
  });

  test('of two content types, Next passes on only the first [B02]', async () => {
    const t = mount();
    const client = await connect();
    const fields = [JSON_TYPE, 'Content-Type: text/plain'];
    await client.send(rawRequest(`POST ${MOUNT}`, fields, EMAIL));
    expect((await client.next()).status).toBe(204);
    expect(t.sender.messages).toHaveLength(1);
  });

  test('8 KiB in chunks are accepted, one byte more is refused [B03]', async () => {
    const t = mount();
    const head = rawRequest(`POST ${MOUNT}`, [JSON_TYPE, 'Transfer-Encoding: chunked'], '', {
      length: null,
    });
    const chunked = (text: string) =>
      `${head}${[text.slice(0, 5000), text.slice(5000)]
        .map((part) => `${part.length.toString(16)}\r\n${part}\r\n`)
        .join('')}0\r\n\r\n`;
    const client = await connect();
    await client.send(chunked(EMAIL.padEnd(8193)));
    await expectRefused(client);
    expect(t.store.calls).toEqual([]);
    await client.send(chunked(EMAIL.padEnd(8192)));
    expect((await client.next()).status).toBe(204);
  });

  test('10 MiB in chunks without a length are refused after at most 64 KiB more [B03]', async () => {
    const t = mount();
    const accepted = new Promise<{ bytesRead: number }>((resolve) => {
      app.server.once('connection', resolve);
    });
    const client = await connect();
    const socket = await accepted;
    await client.send(
      rawRequest(`POST ${MOUNT}`, [JSON_TYPE, 'Transfer-Encoding: chunked'], '', { length: null }),
    );
    const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`;
    // As fast as the connection allows, whether or not the body is read.
    for (let sent = 0; sent < 10 * 2 ** 20; sent += 64 * 0x4000) {
      client.send(chunk.repeat(64)).catch(() => {});
    }
    await expectRefused(client);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(socket.bytesRead).toBeLessThanOrEqual(8192 + 64 * 1024 + 256 + READ_AHEAD);
    await expectUntouchedAndAlive(t);
  });

  test('a length of 10 MiB is refused before the body is sent [B03]', async () => {
    const t = mount();
    const client = await connect();
    await client.send(rawRequest(`POST ${MOUNT}`, [JSON_TYPE], '', { length: 10 * 2 ** 20 }));
    await expectRefused(client);
    await expectUntouchedAndAlive(t);
  });

  test('an aborted body leaves nothing behind', async () => {
    const t = mount();
    const client = await connect();
    await client.send(rawRequest(`POST ${MOUNT}`, [JSON_TYPE], EMAIL, { length: 500 }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    client.close();
    await vi.waitUntil(() => t.events.length > 0, { timeout: 10_000 });
    expect(t.events).toEqual([{ type: 'refused', route: 'create', code: 'bad_request' }]);
    await expectUntouchedAndAlive(t);
  });

  test('a client that disconnects before the response affects no other client', async () => {
    let release = () => {};
    let asked = false;
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    const t = mount({
      guard: () => {
        asked = true;
        return slow.then(() => 'allow' as const);
      },
    });
    const client = await connect();
    await client.send(rawRequest(`POST ${MOUNT}`, [JSON_TYPE], EMAIL));
    await vi.waitUntil(() => asked);
    client.close();
    release();
    await vi.waitUntil(() => t.sender.messages.length === 1);
    const keys = { method: 'GET', path: `${MOUNT}/jwks.json`, headers: [] };
    expect((await exchangeOver(app.port, keys)).status).toBe(200);
  });

  test('the cookie has its expected bytes, once [K01]', async () => {
    const bytes = (size: number) => Buffer.from(Array.from({ length: size }, (_, index) => index));
    mount({ randomness: { bytes, int: () => 7 } });
    const created = await create();
    expect(headerValues(created, 'set-cookie')).toEqual([
      '__verification-login_app=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=600',
    ]);
    expect(headerValues(created, 'cache-control')).toEqual(['no-store']);
    expect(created.body).toBe('');
  });

  test('of 200 concurrent checks with the correct code, one succeeds [R02]', async () => {
    const t = mount();
    const cookie = cookieOf(await create());
    const request = { ...post('/check', { code: t.code() }, { cookie }), path: `${MOUNT}/check` };
    const responses = await Promise.all(
      Array.from({ length: 200 }, () => exchangeOver(app.port, request)),
    );
    const statuses = responses.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([200, ...Array.from({ length: 199 }, () => 401)]);
  });

  test('the limit by address uses the address that the named proxy has added [R12]', async () => {
    const limits = { standalone: { clientAddress: [{ max: 1, windowSeconds: 3600 }] } };
    mount({ limits }, { clientAddress: { header: 'x-forwarded-for' } });
    let count = 0;
    const createFrom = async (forwarded: string) => {
      count += 1;
      const identifier = { type: 'email_address', value: `user-${count}@example.com` };
      const headers = [['x-forwarded-for', forwarded]] as const;
      const request = { ...post('/', { identifier }, { headers }), path: MOUNT };
      return (await exchangeOver(app.port, request)).status;
    };
    expect(await createFrom('203.0.113.7')).toBe(204);
    expect(await createFrom('forged, 203.0.113.7')).toBe(403);
    expect(await createFrom('203.0.113.7, 203.0.113.8')).toBe(204);
  });

  test('without a named field, all clients share one limit [R12]', async () => {
    mount({ limits: { standalone: { clientAddress: [{ max: 1, windowSeconds: 3600 }] } } });
    expect((await create()).status).toBe(204);
    const identifier = { type: 'email_address', value: 'other@example.com' };
    const headers = [['x-forwarded-for', '203.0.113.9']] as const;
    const other = { ...post('/', { identifier }, { headers }), path: MOUNT };
    expect((await exchangeOver(app.port, other)).status).toBe(403);
  });

  test("the response does not wait for a message that Next's after() sends", async () => {
    let release = () => {};
    const sent: string[] = [];
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    const sender = {
      async send({ to }: { to: string }) {
        await slow;
        sent.push(to);
        return undefined;
      },
    };
    mount({ channels: { email: { sender } }, waitUntil: (work) => globalThis.nextAfter?.(work) });
    expect((await create()).status).toBe(204);
    expect(globalThis.nextAfter).toBeTypeOf('function');
    expect(sent).toEqual([]);
    release();
    await vi.waitUntil(() => sent.length === 1);
  });
});
