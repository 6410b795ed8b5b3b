import type { ListeningApp } from '@otp/test/connection-suite';
import { expectWholeFlow } from '@otp/test/whole-flow';
import {
  cookieOf,
  createTestService,
  type ExchangeRequest,
  exchangeOver,
  post,
} from '@otp/testing';
import type { Express, RequestHandler } from 'express';
import { afterEach, describe, expect, test } from 'vitest';
import { otpRouter } from '../src/index.js';
import { EXPRESS, type ExpressFactory, type ExpressName, listen } from './express-app.js';

const names = Object.keys(EXPRESS) as ExpressName[];
const EMAIL = { identifier: { type: 'email_address', value: 'user@example.com' } };

const open: ListeningApp[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

/** Reads the body to its end, as a logger does, and does not pass it on. */
const consume: RequestHandler = (req, _res, next) => {
  req.resume().once('end', () => next());
};

/** Reads the body at the same time as the router. */
const listenAlong: RequestHandler = (req, _res, next) => {
  req.on('data', () => {});
  next();
};

/** A parser written by a host. */
const parseByHand: RequestHandler = (req, _res, next) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => {
    const text = Buffer.concat(chunks).toString();
    req.body = text === '' ? undefined : JSON.parse(text);
    next();
  });
};

/** A slow session store. */
const wait: RequestHandler = (_req, _res, next) => {
  setTimeout(next, 20);
};

type Before = (express: ExpressFactory) => readonly RequestHandler[];

const PARSERS: readonly [name: string, before: Before][] = [
  ['no parser', () => []],
  ['express.json()', (express) => [express.json()]],
  ['express.json() for every type', (express) => [express.json({ type: '*/*' })]],
  ['express.text()', (express) => [express.text()]],
  ['express.text() for every type', (express) => [express.text({ type: '*/*' })]],
  ['express.raw()', (express) => [express.raw()]],
  ['express.raw() for every type', (express) => [express.raw({ type: '*/*' })]],
  ['express.urlencoded()', (express) => [express.urlencoded({ extended: true })]],
  [
    'all of them',
    (express) => [
      express.json(),
      express.urlencoded({ extended: false }),
      express.text(),
      express.raw(),
    ],
  ],
  ['a parser written by hand', () => [parseByHand]],
  ['a middleware that takes its time', () => [wait]],
];

async function start(
  express: ExpressFactory,
  prefix: string,
  assemble: (app: Express, router: RequestHandler) => void,
) {
  const t = createTestService();
  const app = express();
  assemble(app, otpRouter(t.service));
  const listening = await listen(app);
  open.push(listening);
  return {
    ...t,
    // A request that hangs makes the test run into its time limit.
    send: (request: ExchangeRequest) =>
      exchangeOver(listening.port, {
        ...request,
        path: `${prefix}${request.path}`.replace(/\/$/, ''),
      }),
  };
}

describe.each(names)('%s', (name) => {
  const express = EXPRESS[name];

  test.each(PARSERS)('behind %s the whole flow works [L02]', async (_, before) => {
    const t = await start(express, '/otp', (app, router) => {
      for (const handler of before(express)) app.use(handler);
      app.use('/otp', router);
    });
    await expectWholeFlow(t, t.send);
  });

  test.each(PARSERS)(
    'behind %s bad requests are refused, and nothing hangs [L02]',
    async (_, before) => {
      const t = await start(express, '/otp', (app, router) => {
        for (const handler of before(express)) app.use(handler);
        app.use('/otp', router);
      });
      const { send } = t;
      const text = JSON.stringify(EMAIL);
      const requests: ExchangeRequest[] = [
        post('/', '{}'),
        post('/', undefined),
        post('/', text, { contentType: 'text/plain' }),
        post('/', text, { contentType: null }),
        post('/', '[]'),
        post('/', { ...EMAIL, dispatch_id: '' }),
        post('/check', {}),
        post('/check', undefined),
      ];
      for (const request of requests) {
        const { status, body } = await send(request);
        expect([status, JSON.parse(body).code]).toEqual([400, 'bad_request']);
      }
      const put = await send({ ...post('/', EMAIL), method: 'PUT' });
      expect(put.status).toBe(405);
      expect(t.store.calls).toEqual([]);
      expect(t.sender.attempts).toBe(0);
    },
  );

  test.each([
    ['consumed', consume],
    ['listened to', listenAlong],
  ])(
    'a body that was %s by another middleware is refused at once, and an empty one is fine [L02]',
    async (_, handler) => {
      const t = await start(express, '/otp', (app, router) => {
        app.use('/otp', (req, res, next) => {
          if (req.get('x-consume') === undefined) next();
          else handler(req, res, next);
        });
        app.use('/otp', router);
      });
      const headers = [['x-consume', '1']] as const;
      const created = await t.send(post('/', EMAIL));
      const cookie = cookieOf(created);
      const consumed = await t.send(post('/check', { code: t.code() }, { cookie, headers }));
      // A middleware that reads at the same time leaves the body to the router too.
      if (handler === consume) {
        expect([consumed.status, JSON.parse(consumed.body).code]).toEqual([400, 'bad_request']);
        const unread = await t.send(
          post('/', { identifier: { type: 'email_address', value: 'b@x.com' } }, { headers }),
        );
        expect([unread.status, JSON.parse(unread.body).code]).toEqual([400, 'bad_request']);
        expect(t.sender.messages).toHaveLength(1);
        t.clock.advance(30);
        expect((await t.send(post('/retry', undefined, { cookie, headers }))).status).toBe(204);
      } else {
        expect([200, 400]).toContain(consumed.status);
      }
    },
  );

  test('under a prefix with a parameter and under nested routers the whole flow works [L02]', async () => {
    const nested = await start(express, '/api/v2/auth/otp', (app, router) => {
      const inner = express.Router();
      inner.use('/otp', router);
      const outer = express.Router();
      outer.use('/auth', express.json(), inner);
      app.use('/api/v2', outer);
    });
    await expectWholeFlow(nested, nested.send);
    const tenant = await start(express, '/tenants/42/otp', (app, router) => {
      app.use('/tenants/:tenant/otp', router);
    });
    await expectWholeFlow(tenant, tenant.send);
  });

  test('at the root of an app the whole flow works, and the router answers other paths [L02]', async () => {
    const t = await start(express, '', (app, router) => {
      app.use(router);
    });
    const created = await t.send({ ...post('/', EMAIL), path: '/?x=1' });
    expect(created.status).toBe(204);
    const missing = await t.send(post('/nope', EMAIL));
    expect([missing.status, JSON.parse(missing.body).code]).toEqual([404, 'not_found']);
  });

  test('a slash at the end of the mount point does not matter [L02]', async () => {
    const t = await start(express, '/otp', (app, router) => {
      app.use('/otp/', router);
    });
    await expectWholeFlow(t, t.send);
  });
});
