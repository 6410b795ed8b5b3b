import assert from 'node:assert/strict';
import { SendError } from '@otp/core';
import { type ExchangeResponse, headerValues } from '../http/exchange.js';
import { EMAIL, PHONE, type ScenarioOptions } from '../kit/scenario.js';
import { answerOf, createFrom, email, phone, tally, times, UNLIMITED } from '../kit/test-kit.js';
import type { StoreCase } from '../stores/store-world.js';
import { type StoreServiceWorld, serviceCase } from './store-service-world.js';

const HOUR = 3600;
const AFTER_SECONDS = 300;
const STRANGER = '203.0.113.66';
const OWNER = '198.51.100.7';
const HIDDEN = '+33612345678';

/** The default limits, without time between creates. */
const atOnce = (options: ScenarioOptions = {}) => ({
  service: (): ScenarioOptions => ({ retryIntervalSeconds: 0, ...options }),
});

function assertAnswers(responses: readonly ExchangeResponse[], expected: Record<string, number>) {
  assert.deepEqual(tally(responses), expected);
}

/** Creates from one address at once. */
function flood(t: StoreServiceWorld, count: number, body: (n: number) => object, from = STRANGER) {
  return t.race(count, (each, n) => createFrom(each, from, body(n)));
}

/** What strangers cannot do to the owner of a recipient. */
export const ownerCases: readonly StoreCase[] = [
  serviceCase(
    'a stranger on one network uses up its share of a recipient, and the owner gets a code [R13]',
    async (t) => {
      const { '204': sent = 0, auth_blocked } = tally(await flood(t, 12, () => PHONE));
      assert.ok(sent <= 3, `${sent} sent`);
      assert.equal(auth_blocked, 12 - sent);
      assert.equal(answerOf(await createFrom(t, OWNER, PHONE)), '204');
      assert.equal(answerOf(await createFrom(t, '2001:db8:7::1', PHONE)), '204');
    },
    atOnce(),
  ),

  serviceCase(
    'the gap after a stranger’s create delays nobody on another network [R13]',
    async (t) => {
      assert.equal(answerOf(await createFrom(t, STRANGER, EMAIL)), '204');
      assert.equal(answerOf(await createFrom(t, OWNER, EMAIL)), '204');
      assert.equal(answerOf(await createFrom(t, OWNER, EMAIL)), 'auth_blocked');
    },
  ),

  serviceCase(
    'an owner gets a code while refused creates from another network go on [R13]',
    async (t) => {
      await flood(t, 12, () => EMAIL);
      const [refused, owner] = await Promise.all([
        flood(t, 50, () => EMAIL),
        createFrom(t, OWNER, EMAIL),
      ]);
      assert.equal(answerOf(owner), '204');
      assertAnswers(refused, { auth_blocked: 50 });
    },
    atOnce(),
  ),

  serviceCase(
    'a wait for a budget that others used up is rounded, that of one’s own share is exact [R13]',
    async (t) => {
      for (const network of [1, 2, 3]) {
        await flood(t, 3, () => EMAIL, `203.0.113.${network}`);
        while ((await createFrom(t, `203.0.113.${network}`, EMAIL)).status === 204);
      }
      const waitOf = async (address: string) =>
        Number(headerValues(await createFrom(t, address, EMAIL), 'retry-after')[0]);
      assert.equal(await waitOf(OWNER), HOUR);
      const own = await waitOf('203.0.113.1');
      assert.ok(own >= HOUR - 60 && own <= HOUR, `${own} s`);
    },
    atOnce(),
  ),

  serviceCase(
    'a stranger on one network uses up a third of a number prefix [R13]',
    async (t) => {
      const { '204': sent = 0 } = tally(await flood(t, 30, (n) => phone(`+3361234${1000 + n}`)));
      assert.ok(sent > 0 && sent <= 10, `${sent} sent`);
      assert.equal(answerOf(await createFrom(t, OWNER, PHONE)), '204');
    },
    atOnce(),
  ),

  serviceCase(
    'messages of one network that nobody verifies block no number prefix [R13]',
    async (t) => {
      for (const n of times(20, (index) => index)) {
        const sent = await createFrom(t, STRANGER, phone(`+3361234${1000 + n}`));
        assert.equal(answerOf(sent), '204');
        await t.service.drain();
      }
      t.clock.advance(AFTER_SECONDS + 1);
      assert.equal(answerOf(await createFrom(t, OWNER, PHONE)), '204');
      assert.deepEqual(
        t.events.filter(({ type }) => type === 'low_conversion'),
        [],
      );
    },
    atOnce({ limits: { ...UNLIMITED, conversion: {} } }),
  ),

  serviceCase(
    'standalone creates use up nothing of the step-ups of the app, or of the address that they share [R13]',
    async (t) => {
      const stepUp = () => ({ challenge_token: t.challenge() });
      // Four fifths of the budget, and 30 for one address.
      const { '204': sent = 0 } = tally(await flood(t, 50, (n) => email(`u${n}@example.com`)));
      assert.ok(sent > 0 && sent <= 30, `${sent} sent`);
      const more = await flood(t, 50, (n) => email(`v${n}@example.com`), '203.0.113.67');
      assert.ok((tally(more)['204'] ?? 0) + sent <= 32);
      assert.equal(answerOf(await createFrom(t, STRANGER, stepUp())), '204');
      assert.equal(answerOf(await createFrom(t, OWNER, stepUp())), '204');
    },
    atOnce({ limits: { app: [{ max: 40, windowSeconds: HOUR }] } }),
  ),

  serviceCase(
    'a step-up whose message fails gives back the part that is kept for step-ups, and no other [S11, R13]',
    async (t) => {
      for (let n = 0; n < 4; n += 1) await t.open(email(`u${n}@example.com`));
      t.sender.fail(new SendError('unavailable', 'down', { countsForBreaker: false }));
      const stepUp = () => t.create({ challenge_token: t.challenge() });
      assert.equal(answerOf(await stepUp()), 'internal');
      t.sender.fail(undefined);
      assert.equal(answerOf(await t.create(email('u9@example.com'))), 'auth_blocked');
      assert.equal(answerOf(await stepUp()), '204');
      assert.equal(answerOf(await stepUp()), 'auth_blocked');
    },
    atOnce({ limits: { ...UNLIMITED, app: [{ max: 5, windowSeconds: HOUR }] } }),
  ),

  serviceCase(
    'a user who succeeds each time is not limited by the creates of these successes',
    async (t) => {
      for (let login = 0; login < 8; login += 1) {
        const cookie = await t.open(EMAIL);
        assert.equal(answerOf(await t.check(cookie, t.code())), '200');
        await t.service.drain();
        const more = { challenge_token: t.challenge() };
        const stepUp = await t.open(more);
        assert.equal(answerOf(await t.check(stepUp, t.code(), more)), '200');
        await t.service.drain();
      }
    },
    atOnce(),
  ),

  ...[
    { title: 'one after the other', race: false },
    { title: 'at once', race: true },
  ].map(({ title, race }) =>
    serviceCase(
      `who tries recipients beside challenge tokens, ${title}, is stopped by the budgets of wrong codes [R14]`,
      async (t) => {
        let looked = 0;
        const client = t.beside({
          findRecipient: () => {
            looked += 1;
            return { type: 'phone_number', value: HIDDEN };
          },
        });
        const count = 60;
        const tokens = times(count / 5, () => t.challenge({ identifier: undefined }));
        const guess = (n: number) => ({
          challenge_token: tokens[n % tokens.length],
          ...phone(`+3361234${6000 + n}`),
        });
        const from = (n: number) => createFrom(client, `203.0.113.${n}`, guess(n));
        const answers = race ? await Promise.all(times(count, from)) : [];
        for (let n = 0; !race && n < count; n += 1) answers.push(await from(n));
        const { token_mismatch = 0, auth_blocked = 0 } = tally(answers);
        assert.ok(token_mismatch > 0 && token_mismatch <= 20, `${token_mismatch} recipients tried`);
        assert.equal(token_mismatch + auth_blocked, count);
        assert.ok(looked <= 20, `${looked} recipients compared`);
        // The right recipient looks like a wrong one.
        const right = { challenge_token: t.challenge({ identifier: undefined }), ...phone(HIDDEN) };
        assert.equal(answerOf(await createFrom(client, OWNER, right)), 'auth_blocked');
        assert.ok(looked <= 20, 'compared although the budget was used');
        assert.equal(t.sender.messages.length, 0);
      },
      atOnce(),
    ),
  ),

  serviceCase(
    'a user who succeeds may name the recipient beside the token as often as they like [R14]',
    async (t) => {
      for (let login = 0; login < 22; login += 1) {
        const challenge_token = t.challenge();
        const cookie = await t.open({ challenge_token, ...PHONE });
        assert.equal(answerOf(await t.check(cookie, t.code(), { challenge_token })), '200');
        await t.service.drain();
      }
    },
    atOnce({ limits: UNLIMITED }),
  ),

  serviceCase(
    'the recipient beside a challenge token may be right five times, and wrong ones count as wrong codes [R14]',
    async (t) => {
      const challenge_token = t.challenge();
      const wrong = { challenge_token, ...phone('+33699999999') };
      assert.equal(answerOf(await t.create(wrong)), 'token_mismatch');
      const cookie = await t.open({ challenge_token, ...PHONE });
      for (let guess = 0; guess < 4; guess += 1) {
        const checked = await t.check(cookie, t.wrongCode(), { challenge_token });
        assert.equal(answerOf(checked), 'bad_check_code');
      }
      const last = await t.check(cookie, t.code(), { challenge_token });
      assert.equal(answerOf(last), 'rate_limited');
    },
    atOnce(),
  ),

  ...[
    { asked: 'the guard', limit: 30 },
    { asked: 'findRecipient', limit: 5 },
  ].map(({ asked, limit }) =>
    serviceCase(
      `${asked} is called no more often than the client has creates, however many are at once [S16]`,
      async (t) => {
        let calls = 0;
        const client = t.beside({
          guard: () => {
            if (asked === 'the guard') calls += 1;
            return 'block';
          },
          findRecipient: () => {
            if (asked === 'findRecipient') calls += 1;
            return undefined;
          },
        });
        const body = asked === 'the guard' ? PHONE : { challenge_token: t.challenge() };
        const count = Math.min(3_000, 3 * t.atOnce);
        const responses = await Promise.all(times(count, () => createFrom(client, STRANGER, body)));
        assertAnswers(responses, { auth_blocked: count });
        assert.ok(calls > 0 && calls <= limit, `${calls} calls`);
      },
      atOnce(),
    ),
  ),

  ...(['forbidden', 'silent'] as const).map((onBlock) =>
    serviceCase(
      `a retry asks the guard, and under ${onBlock} nothing is sent when it blocks [S16]`,
      async (t) => {
        let verdict: 'allow' | 'block' = 'allow';
        const work: Promise<unknown>[] = [];
        const client = t.beside({
          guard: () => verdict,
          onBlock,
          waitUntil: (each) => void work.push(each),
        });
        const cookie = await client.open(PHONE);
        await Promise.all(work);
        const code = t.sender.messages.at(-1)?.code ?? '';
        verdict = 'block';
        const retried = await client.retry(cookie);
        await Promise.all(work);
        assert.equal(answerOf(retried), onBlock === 'silent' ? '204' : 'auth_blocked');
        assert.equal(t.sender.messages.length, 1);
        // The send stays counted, and the code that was delivered valid.
        for (let n = 0; n < 3; n += 1) await client.retry(cookie);
        verdict = 'allow';
        assert.equal(answerOf(await client.retry(cookie)), 'rate_limited');
        assert.equal(answerOf(await client.check(cookie, code)), '200');
      },
      atOnce(),
    ),
  ),
];
