import assert from 'node:assert/strict';
import { type OtpMessage, SendError, type Sender } from '@otp/core';
import { assertVerified } from '../http/assert-response.js';
import { cookieOf, type ExchangeResponse, headerValues } from '../http/exchange.js';
import {
  type Act,
  accepts,
  createFakeProvider,
  type FakeProvider,
  failing,
  hangs,
  isCut,
  isDown,
  refuses,
} from '../kit/fake-provider.js';
import { EMAIL, PHONE, type ScenarioOptions } from '../kit/scenario.js';
import {
  answerOf,
  createFrom,
  email,
  limitBothFlows,
  type TestKit,
  times,
} from '../kit/test-kit.js';
import { decodePayload } from '../service/challenge-tokens.js';
import type { StoreCase } from '../stores/store-world.js';
import { paced, type StoreServiceWorld, serviceCase } from './store-service-world.js';

const INTERNAL = '{"code":"internal","type":"internal"}';
const HOUR = 3600;
const FAILURES_TO_OPEN = 5;

/** Does not count for the breaker, which stays closed. */
const notThere = () => new SendError('unavailable', 'not there', { countsForBreaker: false });

const roomFor = (max: number) => ({
  service: (): ScenarioOptions => ({
    retryIntervalSeconds: 0,
    limits: limitBothFlows({ recipient: [{ max, windowSeconds: HOUR }] }),
  }),
});

function sendBy(
  t: StoreServiceWorld,
  sender: Sender | readonly Sender[],
  options: ScenarioOptions = {},
): TestKit {
  return t.beside({ ...options, channels: { email: { sender } } });
}

/** Asserts that so many more creates for the recipient pass. */
async function assertRoom(t: TestKit, left: number, body: object = EMAIL): Promise<void> {
  const answers = [];
  for (let count = 0; count <= left; count += 1) answers.push(answerOf(await t.create(body)));
  assert.deepEqual(answers, [...times(left, () => '204'), 'auth_blocked']);
}

function assertFailed(response: ExchangeResponse): void {
  assert.deepEqual([response.status, response.body], [500, INTERNAL]);
  assert.deepEqual(headerValues(response, 'set-cookie'), []);
}

const FIRST_FAILS: readonly (readonly [what: string, act: Act])[] = [
  ['is unavailable', isDown],
  ['throws', failing(new Error('ECONNREFUSED'))],
  ['rejects with a string', failing('no')],
  [
    'throws synchronously',
    () => {
      throw new Error('no');
    },
  ],
  ['has an unknown outcome', isCut],
  ['hangs', hangs],
];

const failOverCases: readonly StoreCase[] = [
  ...FIRST_FAILS.map(([what, act]) =>
    serviceCase(
      `if the first sender ${what}, the second sends the same code, counted once [S10, S12]`,
      async (t) => {
        const [first, second] = [createFakeProvider(act), createFakeProvider()];
        // Half of it for a sender that hangs; the second needs time on a busy machine.
        const client = sendBy(t, [first, second], { sendTimeoutMs: 3_000 });
        const cookie = await client.open(EMAIL);
        assert.deepEqual([first.asked.length, second.asked.length], [1, 1]);
        const code = second.asked[0]?.code ?? '';
        assert.equal(first.asked[0]?.code, code);
        assert.equal(first.asked[0]?.idempotencyKey, second.asked[0]?.idempotencyKey);
        assert.equal(answerOf(await t.peer.check(cookie, code)), '200');
        // The success has given back its create.
        await assertRoom(t.peer, 2);
      },
      roomFor(2),
    ),
  ),

  serviceCase('every process sees the channel of the sender that was used [S10]', async (t) => {
    const second = createFakeProvider();
    const whatsapp: Sender = {
      async send(message) {
        await second.send(message);
        return { channel: 'whatsapp' };
      },
    };
    const sender = [createFakeProvider(isDown), whatsapp];
    const client = t.beside({ channels: { sms: { sender, countries: ['FR'] } } });
    const cookie = await client.open(PHONE);
    const checked = await t.peer.check(cookie, second.asked[0]?.code ?? '');
    assert.deepEqual(decodePayload(assertVerified(checked)).amr, ['otp']);
  }),

  serviceCase(
    'a retry by the second sender has the same code and leaves the guesses as they are [S10]',
    async (t) => {
      const [first, second] = [createFakeProvider(), createFakeProvider()];
      const client = sendBy(t, [first, second]);
      const cookie = await client.open(EMAIL);
      const code = first.asked[0]?.code ?? '';
      assert.equal(answerOf(await client.check(cookie, otherThan(code))), 'bad_check_code');
      first.act = isDown;
      assert.equal(answerOf(await client.retry(cookie)), '204');
      assert.equal(second.asked[0]?.code, code);
      const wrong = await t.peer.check(cookie, otherThan(code));
      assert.equal(JSON.parse(wrong.body).attempts_left, 3);
      assert.equal(answerOf(await t.peer.check(cookie, code)), '200');
    },
    roomFor(1),
  ),
];

function otherThan(code: string): string {
  return String((Number(code) + 1) % 1_000_000).padStart(6, '0');
}

const ALL_FAIL: readonly (readonly [how: string, error: () => Error])[] = [
  ['is unavailable', () => new SendError('unavailable', 'down')],
  ['throws another error', () => new Error('ECONNREFUSED')],
];

const allFailCases: readonly StoreCase[] = [
  ...ALL_FAIL.map(([how, error]) =>
    serviceCase(
      `a create whose every sender ${how} is internal, leaves no cookie or record, and gives back the limits of the recipient [S11]`,
      async (t) => {
        t.sender.fail(error());
        // More often than the limits of the recipient allow: each one is given back, the interval included.
        for (const body of [EMAIL, { challenge_token: t.challenge() }]) {
          for (let count = 0; count < 12; count += 1) assertFailed(await t.create(body));
        }
        t.assertEffects({ stored: 0, sent: 0 });
        t.sender.fail(undefined);
        await t.peer.open(EMAIL);
        assert.equal(answerOf(await t.create(EMAIL)), 'auth_blocked');
      },
    ),
  ),

  serviceCase(
    'client limits are not given back, which would allow unlimited provider calls [S11]',
    async (t) => {
      t.sender.fail(notThere());
      const answers = [];
      for (let count = 0; count < 40; count += 1) answers.push(answerOf(await t.create(EMAIL)));
      assert.equal(answers.indexOf('auth_blocked'), 30);
      assert.equal(t.sender.attempts, 30);
    },
  ),

  serviceCase('the creates of a challenge are given back too [S11]', async (t) => {
    const challenge_token = t.challenge();
    t.sender.fail(notThere());
    for (let count = 0; count < 6; count += 1) assertFailed(await t.create({ challenge_token }));
    t.sender.fail(undefined);
    assert.equal(answerOf(await t.create({ challenge_token })), '204');
  }),

  serviceCase(
    'failed retries are limited too, and the delivered code stays valid [S11]',
    async (t) => {
      const cookie = await t.open();
      t.sender.fail(notThere());
      const answers = [];
      for (let count = 0; count < 40; count += 1) answers.push(answerOf(await t.retry(cookie)));
      assert.equal(answers.indexOf('rate_limited'), 20);
      assert.equal(t.sender.attempts, 1 + 20);
      assert.equal(answerOf(await t.check(cookie, t.code())), '200');
    },
    { service: () => ({ retryIntervalSeconds: 0 }) },
  ),

  serviceCase(
    'a retry whose every sender fails is internal, may be repeated immediately, and the delivered code stays valid [S11, S15]',
    async (t, { intervalSeconds }) => {
      const cookie = await t.open();
      await t.wait(intervalSeconds);
      t.sender.fail(new SendError('unavailable', 'down'));
      for (let count = 0; count < 6; count += 1) assertFailed(await t.retry(cookie));
      assert.equal(t.sender.attempts, 1 + 6);
      t.sender.fail(undefined);
      assert.equal(answerOf(await t.retry(cookie)), '204');
      assert.equal(answerOf(await t.retry(cookie)), 'rate_limited');
      t.assertEffects({ stored: 1, sent: 2 });
      assert.equal(answerOf(await t.check(cookie, t.code())), '200');
    },
    paced,
  ),

  serviceCase(
    'a recipient that is rejected for good gets nothing back and has no record [S11]',
    async (t) => {
      const refusing = sendBy(t, createFakeProvider(refuses));
      const refused = await refusing.create(EMAIL);
      assert.equal(answerOf(refused), 'auth_blocked');
      assert.deepEqual(headerValues(refused, 'set-cookie'), []);
      refusing.assertEffects({ stored: 0, sent: 0 });
      await assertRoom(t.peer, 1);
    },
    roomFor(2),
  ),

  ...(
    [
      ['is unavailable', isDown],
      ['rejects it', refuses],
    ] as const
  ).map(([then, act]) =>
    serviceCase(
      `a message that may have been sent counts and its code is valid, even if the next sender ${then} [S11]`,
      async (t) => {
        const first = createFakeProvider(isCut);
        const client = sendBy(t, [first, createFakeProvider(act)]);
        const cookie = await client.open(EMAIL);
        await assertRoom(t.peer, 1);
        assert.equal(answerOf(await t.peer.check(cookie, first.asked[0]?.code ?? '')), '200');
      },
      roomFor(2),
    ),
  ),
];

const UNAVAILABLE: readonly (readonly [what: string, send: (message: OtpMessage) => unknown])[] = [
  [
    'throws',
    () => {
      throw new Error('no');
    },
  ],
  ['rejects', () => Promise.reject(new Error('no'))],
  ['rejects with a string', () => Promise.reject('no')],
  ['rejects with nothing', () => Promise.reject()],
  [
    'throws an object',
    () => {
      throw { code: 1 };
    },
  ],
  [
    'rejects twice',
    () =>
      new Promise((_, reject) => {
        reject(new Error('no'));
        reject(new Error('again'));
      }),
  ],
  [
    'rejects, then resolves',
    () =>
      new Promise((resolve, reject) => {
        reject(new Error('no'));
        resolve(undefined);
      }),
  ],
];

const SENT: readonly (readonly [what: string, send: () => unknown])[] = [
  ['resolves with nothing', () => Promise.resolve()],
  ['returns no promise', () => undefined],
  ['returns null', () => null],
  ['resolves with an empty object', async () => ({})],
  [
    'resolves twice',
    () =>
      new Promise((resolve) => {
        resolve(undefined);
        resolve({ channel: 'sms' });
      }),
  ],
  [
    'resolves, then rejects',
    () =>
      new Promise((resolve, reject) => {
        resolve(undefined);
        reject(new Error('late'));
      }),
  ],
];

const misbehavingCases: readonly StoreCase[] = [
  ...UNAVAILABLE.map(([what, send]) =>
    serviceCase(
      `a sender that ${what} is unavailable, and the create leaves nothing [S12]`,
      async (t) => {
        const client = sendBy(t, { send: send as Sender['send'] });
        assertFailed(await client.create(EMAIL));
        client.assertEffects({ stored: 0, sent: 0 });
        assert.equal(client.events.filter(({ type }) => type === 'send_failed').length, 1);
        await assertRoom(t.peer, 1);
      },
      roomFor(1),
    ),
  ),

  ...SENT.map(([what, send]) =>
    serviceCase(
      `a sender that ${what} has sent the message, counted once [S12]`,
      async (t) => {
        const client = sendBy(t, { send: send as Sender['send'] });
        cookieOf(await client.create(EMAIL));
        assert.equal(client.store.stored.size, 1);
        assert.equal(client.events.filter(({ type }) => type === 'message_sent').length, 1);
        await assertRoom(t.peer, 1);
      },
      roomFor(2),
    ),
  ),

  serviceCase(
    'a sender that fails after the response is reported and gives nothing back; no promise rejects [S12]',
    async (t) => {
      const work: Promise<unknown>[] = [];
      const client = t.beside({ waitUntil: (each) => void work.push(each) });
      t.sender.fail('no');
      assert.equal(answerOf(await client.create(EMAIL)), '204');
      await Promise.all(work);
      assert.equal(client.events.filter(({ type }) => type === 'send_failed').length, 1);
      client.assertEffects({ stored: 1, sent: 0 });
      t.sender.fail(undefined);
      await assertRoom(client, 0);
    },
    roomFor(1),
  ),
];

const someone = (index: number) => email(`user${index}@example.com`);

/** A create for the recipient of that number by a client of its own. */
const createBy = (t: TestKit, index: number) =>
  createFrom(t, `198.51.100.${index}`, someone(index));

async function openBreakers(t: TestKit, providers: readonly FakeProvider[]): Promise<void> {
  for (const each of providers) each.act = isDown;
  for (let index = 0; index < FAILURES_TO_OPEN; index += 1) await createBy(t, index);
}

const breakerCases: readonly StoreCase[] = [
  serviceCase(
    'an open breaker passes messages to the second sender, counted as usual [S13]',
    async (t) => {
      const providers = [createFakeProvider(isDown), createFakeProvider()] as const;
      const [first, second] = providers;
      const client = sendBy(t, providers);
      const asked = () => [first.asked.length, second.asked.length];
      for (let index = 0; index < 8; index += 1) cookieOf(await createBy(client, index));
      assert.deepEqual(asked(), [5, 8]);
      await assertRoom(t.peer, 0, someone(7));
    },
    roomFor(1),
  ),

  serviceCase(
    'if all breakers are open, create and retry fail without calling a sender, and limits are given back [S11, S13]',
    async (t) => {
      const providers = [createFakeProvider(), createFakeProvider()];
      const client = sendBy(t, providers);
      const asked = () => providers.map((each) => each.asked.length);
      const cookie = await client.open(EMAIL);
      const code = providers[0]?.asked[0]?.code ?? '';
      await openBreakers(client, providers);
      const before = asked();
      assertFailed(await client.create(someone(0)));
      assertFailed(await client.retry(cookie));
      assert.deepEqual(asked(), before);
      const { error } = client.events.filter((event) => event.type === 'fault').at(-1) ?? {};
      assert.equal(
        error?.message,
        'no sender was tried: every breaker is open, or no time was left',
      );
      for (const each of providers) each.act = accepts;
      // The breakers of another service are closed.
      const other = sendBy(t, providers);
      assert.equal(answerOf(await other.retry(cookie)), '204');
      await assertRoom(other, 1, someone(0));
      assert.equal(answerOf(await other.check(cookie, code)), '200');
    },
    roomFor(1),
  ),

  serviceCase(
    'failed retries of several clients open a breaker [S13]',
    async (t) => {
      const provider = createFakeProvider();
      const client = sendBy(t, provider);
      const cookies = await Promise.all(
        times(FAILURES_TO_OPEN, async (index) => cookieOf(await createBy(client, index))),
      );
      provider.act = isDown;
      for (const cookie of cookies) assertFailed(await client.retry(cookie));
      assertFailed(await createBy(client, FAILURES_TO_OPEN));
      assert.equal(provider.asked.length, 2 * FAILURES_TO_OPEN);
    },
    { service: () => ({ retryIntervalSeconds: 0 }) },
  ),

  serviceCase(
    'rejected recipients open no breaker, are not passed to the next sender, and stay counted [S13]',
    async (t) => {
      const providers = [createFakeProvider(refuses), createFakeProvider()] as const;
      const [first, second] = providers;
      const client = sendBy(t, providers);
      for (const index of times(2 * FAILURES_TO_OPEN, (each) => each)) {
        assert.equal(answerOf(await createBy(client, index)), 'auth_blocked');
      }
      assert.deepEqual([first.asked.length, second.asked.length], [2 * FAILURES_TO_OPEN, 0]);
      client.assertEffects({ stored: 0, sent: 0 });
      await assertRoom(t.peer, 0, someone(0));
    },
    roomFor(1),
  ),
];

/** Senders that fail, and the records and limits that they leave. */
export const deliveryCases: readonly StoreCase[] = [
  ...failOverCases,
  ...allFailCases,
  ...misbehavingCases,
  ...breakerCases,
];
