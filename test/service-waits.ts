import assert from 'node:assert/strict';
import type { OtpStore } from '@otp/core/store';
import { cookieOf, createTestClock, type ExchangeResponse } from '@otp/testing';
import { email, phone, setUp } from '@otp/testing/internal';
import { countWaits } from './count-waits.js';

const UNREACHED = [{ max: 1_000_000, windowSeconds: 3600 }];

interface Sent {
  readonly cookie: string;
  readonly code: string;
  /** The challenge token, if there is one. */
  readonly token?: object;
}

/** What `serviceWaits` returns for a store that keeps all keys on one node. */
export const WAITS_ON_ONE_NODE = {
  'create by e-mail': 1,
  'create by phone': 1,
  'create of a step-up': 1,
  retry: 1,
  check: 2,
  'check of a wrong code': 2,
  'check of a step-up': 2,
  'check of a wrong code of a step-up': 2,
  status: 1,
  consume: 1,
} as const;

/**
 * Counts how often each operation of a service, with all limits, waits for its store.
 *
 * @param store behind proxies of `startDistantProxy`, unless `countWaitsOf` counts otherwise
 */
export async function serviceWaits(
  store: OtpStore,
  countWaitsOf = countWaits,
): Promise<Readonly<Record<string, number>>> {
  const t = setUp({
    store,
    testClock: createTestClock(Date.now()),
    storeTimeoutMs: 10_000,
    retryIntervalSeconds: 0,
    limits: {
      standalone: { clientAddress: UNREACHED, clientNetwork: UNREACHED },
      stepUp: { clientAddress: UNREACHED, clientNetwork: UNREACHED },
      numberPrefix: UNREACHED,
      numberPrefixShare: UNREACHED,
      app: UNREACHED,
      conversion: { prefixSampleSize: 1_000 },
    },
  });
  let made = 0;
  const next = () => {
    made += 1;
    return made;
  };
  const byEmail = () => email(`user${next()}@example.com`);
  const byPhone = () => phone(`+336${12_345_678 + next()}`);
  const challenge = () => ({
    challenge_token: t.challenge({ sub: `user-${next()}`, ...byPhone() }),
  });

  async function send(body: object, token?: object): Promise<Sent> {
    const cookie = cookieOf(await expectStatus(204, t.create(body)));
    return { cookie, code: t.code(), ...(token === undefined ? {} : { token }) };
  }
  const sendToken = () => {
    const token = challenge();
    return send(token, token);
  };
  const guess = ({ cookie, token }: Sent, code: string) => t.check(cookie, code, token);
  const count = <T>(prepare: () => T | Promise<T>, work: (prepared: T) => Promise<unknown>) =>
    countWaitsOf(async () => {
      const prepared = await prepare();
      // What is written behind a response is no wait of the next request.
      await t.service.drain();
      return prepared;
    }, work);

  const create = (body: object) => expectStatus(204, t.create(body));
  const check = (sent: Sent) => expectStatus(200, guess(sent, sent.code));
  const fail = (sent: Sent) => expectStatus(400, guess(sent, t.wrongCode()));
  return {
    'create by e-mail': await count(byEmail, create),
    'create by phone': await count(byPhone, create),
    'create of a step-up': await count(challenge, create),
    retry: await count(
      () => send(byEmail()),
      ({ cookie }) => expectStatus(204, t.retry(cookie)),
    ),
    check: await count(() => send(byPhone()), check),
    'check of a wrong code': await count(() => send(byPhone()), fail),
    'check of a step-up': await count(sendToken, check),
    'check of a wrong code of a step-up': await count(sendToken, fail),
    status: await count(
      () => send(byEmail()),
      ({ cookie }) =>
        expectStatus(
          200,
          t.exchange({ method: 'GET', path: '/status', headers: [['cookie', cookie]] }),
        ),
    ),
    consume: await count(
      async () => {
        const sent = await check(await send(byEmail()));
        return JSON.parse(sent.body).challenge_token;
      },
      async (token) => assert.ok((await t.service.consumeSessionStart(token)).ok),
    ),
  };
}

async function expectStatus(
  status: number,
  answer: Promise<ExchangeResponse>,
): Promise<ExchangeResponse> {
  const response = await answer;
  assert.equal(response.status, status, response.body);
  return response;
}
