import type { Socket } from 'node:net';
import type { OtpMessage, Sender } from '@otp/core';
import { MOUNT } from '@otp/test/connection-suite';
import { RawClient, rawRequest } from '@otp/test/raw-client';
import {
  cookieOf,
  createTestService,
  type ExchangeRequest,
  type ExchangeResponse,
  exchangeOver,
  headerValues,
  post,
} from '@otp/testing';
import { limitBothFlows } from '@otp/testing/internal';
import { afterEach, describe, expect, test } from 'vitest';
import { type OtpRouterOptions, otpRouter } from '../src/index.js';
import { startCachingProxy } from './caching-proxy.js';
import { EXPRESS, type ExpressName, listen } from './express-app.js';

const names = Object.keys(EXPRESS) as ExpressName[];
const NAME = '__verification-login_app';
const EMAIL = { identifier: { type: 'email_address', value: 'user@example.com' } };
const PHONE = { identifier: { type: 'phone_number', value: '+33612345678' } };

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

interface MountOptions {
  readonly service?: Parameters<typeof createTestService>[0];
  readonly router?: OtpRouterOptions;
  readonly trustProxy?: boolean;
}

async function mount(name: ExpressName, { service, router, trustProxy }: MountOptions = {}) {
  const t = createTestService(service);
  const app = EXPRESS[name]();
  if (trustProxy) app.set('trust proxy', 1);
  app.use(MOUNT, otpRouter(t.service, router));
  const { port, server, close } = await listen(app);
  open.push({ close });
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  return {
    ...t,
    app,
    port,
    send: (request: ExchangeRequest) => sendTo(port, request),
    bytesRead: () => sockets.reduce((sum, socket) => sum + socket.bytesRead, 0),
  };
}

function sendTo(port: number, request: ExchangeRequest): Promise<ExchangeResponse> {
  return exchangeOver(port, { ...request, path: `${MOUNT}${request.path}`.replace(/\/$/, '') });
}

function answerOf({ status, body }: ExchangeResponse): string {
  return status < 300 ? String(status) : JSON.parse(body).code;
}

function tally(responses: readonly ExchangeResponse[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of responses.map(answerOf)) counts[answer] = (counts[answer] ?? 0) + 1;
  return counts;
}

const deep = `{"x":${'['.repeat(2000)}${']'.repeat(2000)}}`;
const wide = JSON.stringify({
  ...EMAIL,
  ...Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`m${n}`, n])),
});
const withText = (text: string) =>
  `{"identifier":{"type":"email_address","value":"user@example.com"},${text}}`;

describe.each(names)('%s', (name) => {
  test.each([
    ['fails', () => Promise.reject(new Error('ECONNREFUSED')), false],
    ['hangs', () => new Promise<undefined>(() => {}), true],
  ])(
    'when the first sender %s, the second is used with the same code, within the time limit [S10]',
    async (_, act, isTimedOut) => {
      const asked: OtpMessage[] = [];
      const first: Sender = {
        send(message) {
          asked.push(message);
          return act();
        },
      };
      const second: Sender = { send: async (message) => void asked.push(message) };
      const t = await mount(name, {
        service: { channels: { email: { sender: [first, second] } }, sendTimeoutMs: 1_000 },
      });
      const begin = performance.now();
      const created = await t.send(post('/', EMAIL));
      expect(performance.now() - begin).toBeLessThan(3_000);
      expect(created.status).toBe(204);
      const [refused, sent] = asked;
      expect(sent?.code).toBe(refused?.code);
      expect(refused?.signal.aborted).toBe(isTimedOut);
      const cookie = cookieOf(created);
      const checked = await t.send(post('/check', { code: sent?.code }, { cookie }));
      expect(checked.status).toBe(200);
    },
  );

  test.each(['gzip', 'br', 'x'])(
    'a body in the content coding %s is refused unread [B03]',
    async (coding) => {
      const t = await mount(name);
      const client = await RawClient.open(t.port);
      open.push(client);
      const fields = ['Content-Type: application/json', `Content-Encoding: ${coding}`];
      await client.send(rawRequest(`POST ${MOUNT}`, fields, '', { length: 50_000 }));
      expect((await client.next()).status).toBe(400);
      expect(t.bytesRead()).toBeLessThan(300);
      expect(t.store.calls).toEqual([]);
    },
  );

  test.each([
    deep,
    wide,
    withText('"__proto__":{"identifier":1}'),
    withText('"a":[{"c\\u006fnstructor":1}]'),
    '{"identifier":["user@example.com"]}',
    '{"identifier":{"type":["email_address"],"value":"user@example.com"}}',
    withText('"dispatch_id":"a\\r\\nset-cookie: x=1"'),
    withText('"dispatch_id":{"id":"set-cookie"}'),
    JSON.stringify({ identifier: { type: 'email_address', value: 'mıke@example.org' } }),
    '{"identifier":{"type":"email_address","value":"a@evil.com,victim@x.com"}}',
    '{"identifier":{"type":"email_address","value":"a@b.co\\r\\nRCPT TO:<c@d.eu>"}}',
    '{"identifier":{"type":"phone_number","value":"tel:+33612345678"}}',
  ])(
    'the body %j is refused, is echoed in no header and changes nothing [B05, B06, B07, B08, I01, I02, I03, I06]',
    async (body) => {
      const t = await mount(name);
      const refused = await t.send(post('/', body));
      expect([refused.status, answerOf(refused)]).toEqual([400, 'bad_request']);
      expect(JSON.stringify(refused.headers)).not.toMatch(/set-cookie|rcpt|mıke|evil/i);
      expect(t.store.calls).toEqual([]);
      expect(t.sender.attempts).toBe(0);
    },
  );

  test('an error thrown by the host is answered with 500 and does not appear in the response [B09]', async () => {
    const cause = new Error('root of all evil');
    const secret = () => {
      throw new Error('lost the secret plan', { cause });
    };
    for (const options of [{ router: { session: secret } }, { service: { guard: secret } }]) {
      const t = await mount(name, options);
      const failed = await t.send(post('/', { challenge_token: t.challenge() }));
      expect([failed.status, failed.body]).toEqual([500, '{"code":"internal","type":"internal"}']);
      expect(JSON.stringify(failed.headers)).not.toMatch(/set-cookie|secret|evil/);
      expect(t.events.at(-1)).toMatchObject({
        type: 'fault',
        during: 'create',
        error: {
          message: 'lost the secret plan',
          stack: expect.stringContaining('    at '),
          cause: { message: 'root of all evil' },
        },
      });
    }
  });

  test('foreign origins are refused, native clients served, and only listed origins echoed [B10]', async () => {
    const listed = 'https://app.example.com';
    const t = await mount(name, { service: { origins: [listed] } });
    for (const origin of ['https://evil.example', 'null', 'https://app.example.com.evil.example']) {
      const refused = await t.send(post('/', EMAIL, { headers: [['origin', origin]] }));
      expect([origin, refused.status, answerOf(refused)]).toEqual([origin, 403, 'auth_blocked']);
      expect(headerValues(refused, 'access-control-allow-origin')).toEqual([]);
    }
    expect(t.store.calls).toEqual([]);
    expect((await t.send(post('/', EMAIL))).status).toBe(204);
    const echoed = await t.send(post('/', PHONE, { headers: [['origin', listed]] }));
    expect(echoed.status).toBe(204);
    expect(headerValues(echoed, 'access-control-allow-origin')).toEqual([listed]);
    expect(headerValues(echoed, 'access-control-allow-credentials')).toEqual(['true']);
    expect(headerValues(echoed, 'vary')).toEqual(['Origin']);
  });

  test('CVE-2025-48947 a caching proxy gives neither a cookie nor a token to another client [K03]', async () => {
    const t = await mount(name, { service: { retryIntervalSeconds: 0 } });
    t.app.post('/careless', (_req, res) => {
      res.cookie('own', Math.random()).end();
    });
    const proxy = await startCachingProxy(t.port);
    open.push(proxy);

    const careless = { ...post('/'), path: '/careless' };
    const one = cookieOf(await exchangeOver(proxy.port, careless));
    expect(cookieOf(await exchangeOver(proxy.port, careless))).toBe(one);
    const keys = { method: 'GET', path: '/jwks.json', headers: [] };
    expect(await sendTo(proxy.port, keys)).toEqual(await sendTo(proxy.port, keys));
    expect(proxy.hits()).toBe(2);

    const mine = await sendTo(proxy.port, post('/', EMAIL));
    const myCode = t.code();
    const others = await sendTo(proxy.port, post('/', EMAIL));
    expect(cookieOf(others)).not.toBe(cookieOf(mine));
    const check = post('/check', { code: myCode }, { cookie: cookieOf(mine) });
    const answers = [
      mine,
      others,
      await sendTo(proxy.port, post('/retry', {}, { cookie: cookieOf(mine) })),
      await sendTo(proxy.port, check),
      await sendTo(proxy.port, check),
      await sendTo(proxy.port, post('/', '{}')),
      await sendTo(proxy.port, post('/nowhere', '{}')),
    ];
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204, 200, 401, 400, 404]);
    for (const answer of answers) {
      expect(headerValues(answer, 'cache-control')).toEqual(['no-store']);
    }
    expect(proxy.hits()).toBe(2);
  });

  test('a malformed token is unauthorized without a call to the store [K05]', async () => {
    const t = await mount(name);
    const cookie = cookieOf(await t.send(post('/', EMAIL)));
    const value = cookie.slice(NAME.length + 1);
    const calls = t.store.calls.length;
    const bad = [
      value.slice(1),
      `${value}A`,
      `"${value}"`,
      `${value.slice(3)}%00`,
      'A'.repeat(9216),
    ];
    for (const each of bad) {
      const sent = { cookie: `${NAME}=${each}` };
      expect(answerOf(await t.send(post('/check', { code: t.code() }, sent)))).toBe('unauthorized');
      expect(answerOf(await t.send(post('/retry', {}, sent)))).toBe('unauthorized');
    }
    expect(t.store.calls).toHaveLength(calls);
    expect(answerOf(await t.send(post('/check', { code: t.code() }, { cookie })))).toBe('200');
  });

  test('two apps on one host neither accept each other’s cookies nor end each other’s verifications [K06]', async () => {
    const t = await mount(name);
    const two = createTestService({ appId: 'two', store: t.store, testClock: t.clock });
    t.app.use('/two', otpRouter(two.service));
    const sendToTwo = (request: ExchangeRequest) =>
      exchangeOver(t.port, { ...request, path: `/two${request.path}` });
    const first = cookieOf(await t.send(post('/', EMAIL)));
    const second = cookieOf(await sendToTwo(post('/', EMAIL)));
    const renamed = first.replace(NAME, '__verification-login_two');
    for (const cookie of [first, renamed]) {
      const answer = await sendToTwo(post('/check', { code: t.code() }, { cookie }));
      expect(answerOf(answer)).toBe('unauthorized');
    }
    const both = { cookie: `${first}; ${second}` };
    expect(answerOf(await t.send(post('/check', { code: t.code() }, both)))).toBe('200');
    expect(answerOf(await sendToTwo(post('/check', { code: two.code() }, both)))).toBe('200');
  });

  test('a cookie planted before create is replaced and never verifies [K07]', async () => {
    const t = await mount(name);
    const planted = `${NAME}=${'F'.repeat(43)}`;
    const own = cookieOf(await t.send(post('/', EMAIL, { cookie: planted })));
    expect(own).not.toBe(planted);
    const check = (cookie: string) => t.send(post('/check', { code: t.code() }, { cookie }));
    expect(answerOf(await check(planted))).toBe('unauthorized');
    expect(answerOf(await check(`${planted}; ${own}`))).toBe('unauthorized');
    expect(answerOf(await check(own))).toBe('200');
  });

  test('of 1,000 concurrent wrong codes, five are evaluated [R03]', async () => {
    const t = await mount(name);
    const cookie = cookieOf(await t.send(post('/', EMAIL)));
    const wrong = post('/check', { code: t.wrongCode() }, { cookie });
    const answers = await Promise.all(Array.from({ length: 1000 }, () => t.send(wrong)));
    expect(tally(answers)).toEqual({ bad_check_code: 5, unauthorized: 995 });
  });

  test('of 100 concurrent creates one sends, and of 100 concurrent retries one [R07, R08]', async () => {
    const t = await mount(name);
    const created = await Promise.all(Array.from({ length: 100 }, () => t.send(post('/', EMAIL))));
    expect(tally(created)).toEqual({ '204': 1, auth_blocked: 99 });
    const [winner] = created.filter(({ status }) => status === 204);
    if (winner === undefined) throw new Error('no create was accepted');
    t.clock.advance(30);
    const retry = post('/retry', {}, { cookie: cookieOf(winner) });
    const retried = await Promise.all(Array.from({ length: 100 }, () => t.send(retry)));
    expect(tally(retried)).toEqual({ '204': 1, rate_limited: 99 });
    expect(t.sender.messages).toHaveLength(2);
  });

  test.each([
    [['2001:db8:1:2::1', '2001:db8:1:2:ffff::2', '2001:DB8:1:2:3:4:5:6']],
    [['203.0.113.9', '::ffff:203.0.113.9', '10.1.1.1, 203.0.113.9']],
    [['not an address', 'unknown', '300.1.1.1']],
  ])(
    'CVE-2026-45364 behind a proxy, %j count as one client, and others do not [R12]',
    async (addresses) => {
      const limits = limitBothFlows({ clientAddress: [{ max: 2, windowSeconds: 600 }] });
      const t = await mount(name, { service: { limits }, trustProxy: true });
      const createFrom = (address: string, value: string) =>
        t.send(
          post(
            '/',
            { identifier: { type: 'email_address', value } },
            { headers: [['x-forwarded-for', address]] },
          ),
        );
      const answers = [];
      for (const [index, address] of addresses.entries()) {
        answers.push(answerOf(await createFrom(address, `user${index}@example.com`)));
      }
      expect(answers).toEqual(['204', '204', 'auth_blocked']);
      expect((await createFrom('198.51.100.1', 'other@example.com')).status).toBe(204);
    },
  );

  test.each([
    [
      'forwarded',
      [
        'for="[2001:db8:7::1]:4711";proto=https, for=10.0.0.1',
        'for="forged, for="[2001:DB8:7::2]", by=_x;for="10.0.0.1:80"',
      ],
      'for="[2001:db8:8::1]:4711", for=10.0.0.1',
    ],
    [
      'CloudFront-Viewer-Address',
      ['forged, 2001:db8:7::1:4711', 'forged, 2001:db8:7:0:0:0:0:2:4712'],
      'forged, 2001:db8:8::1:4711',
    ],
  ] as const)(
    'the field %s names the client, and its port does not [L08, R12]',
    async (header, same, other) => {
      const limits = limitBothFlows({ clientAddress: [{ max: 1, windowSeconds: 600 }] });
      const trustedProxies = header === 'forwarded' ? 2 : 1;
      const router = { clientAddress: { header, trustedProxies } };
      const t = await mount(name, { service: { limits }, router });
      const answers = [];
      for (const [index, value] of [...same, other].entries()) {
        const identifier = { type: 'email_address', value: `user${index}@example.com` };
        answers.push(
          answerOf(await t.send(post('/', { identifier }, { headers: [[header, value]] }))),
        );
      }
      expect(answers).toEqual(['204', 'auth_blocked', '204']);
    },
  );

  test('without the field, the address that Express finds counts [R12]', async () => {
    const limits = limitBothFlows({ clientAddress: [{ max: 1, windowSeconds: 600 }] });
    const router = { clientAddress: { header: 'forwarded', trustedProxies: 2 } };
    const t = await mount(name, { service: { limits }, router, trustProxy: true });
    const answers = [];
    for (const [index, address] of ['203.0.113.1', '203.0.113.1', '203.0.113.2'].entries()) {
      const headers = [
        ['x-forwarded-for', address],
        ['forwarded', 'for=192.0.2.1'],
      ] as const;
      const identifier = { type: 'email_address', value: `user${index}@example.com` };
      answers.push(answerOf(await t.send(post('/', { identifier }, { headers }))));
    }
    expect(answers).toEqual(['204', 'auth_blocked', '204']);
  });

  test('without a trusted proxy, a client cannot choose its address [R12]', async () => {
    const limits = limitBothFlows({ clientAddress: [{ max: 2, windowSeconds: 600 }] });
    const t = await mount(name, { service: { limits } });
    const answers = [];
    for (const last of [1, 2, 3]) {
      const headers = [['x-forwarded-for', `203.0.113.${last}`]] as const;
      const identifier = { type: 'email_address', value: `user${last}@example.com` };
      answers.push(answerOf(await t.send(post('/', { identifier }, { headers }))));
    }
    expect(answers).toEqual(['204', '204', 'auth_blocked']);
  });

  test.each(['8.8.4.4', '203.0.113.77', '2001:db8:7::77'])(
    'the client address %s in an error of the guard reaches no event [P01]',
    async (address) => {
      const t = await mount(name, {
        trustProxy: true,
        service: {
          guard({ clientAddress }) {
            throw new Error(`no verdict on ${clientAddress}, try later`);
          },
        },
      });
      const headers = [['x-forwarded-for', address]] as const;
      expect((await t.send(post('/', EMAIL, { headers }))).status).toBe(500);
      const events = JSON.stringify(t.events);
      expect(events).toContain('no verdict on [redacted]');
      expect(events).not.toContain(address);
    },
  );
});
