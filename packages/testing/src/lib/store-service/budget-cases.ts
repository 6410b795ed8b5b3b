import assert from 'node:assert/strict';
import { toOtpRequest } from '../http/direct-adapter.js';
import { headerValues, post } from '../http/exchange.js';
import { EMAIL, PHONE } from '../kit/scenario.js';
import { answerOf, email, limitBothFlows, tally, times, UNLIMITED } from '../kit/test-kit.js';
import type { StoreCase } from '../stores/store-world.js';
import { type StoreServiceWorld, serviceCase } from './store-service-world.js';

async function guessWrong(t: StoreServiceWorld, body: object, count: number): Promise<void> {
  for (let done = 0; done < count; done += 5) {
    const cookie = await t.open(body);
    const wrong = t.wrongCode();
    const guesses = Math.min(5, count - done);
    const answers = await t.race(guesses, (each) => each.check(cookie, wrong));
    assert.deepEqual(tally(answers), { bad_check_code: guesses });
  }
}

const unlimited = { service: () => ({ retryIntervalSeconds: 0, limits: UNLIMITED }) };

/** One create for each address, to a recipient of its own. */
async function createFrom(
  t: StoreServiceWorld,
  addresses: readonly (string | undefined)[],
): Promise<string[]> {
  const answers: string[] = [];
  for (const [index, clientAddress] of addresses.entries()) {
    const request = toOtpRequest(post('/', email(`user${index}@example.com`)));
    const { status, body } = await t.service.handle({ ...request, clientAddress });
    answers.push(answerOf({ status, headers: [], body: body ?? '' }));
  }
  const sent = answers.filter((answer) => answer === '204').length;
  t.assertEffects({ stored: sent, sent });
  return answers;
}

const twoEach = {
  service: () => ({
    limits: limitBothFlows({ clientAddress: [{ max: 2, windowSeconds: 600 }] }),
  }),
};

const over = (standaloneOverCap: 'eight_digits' | 'block') => ({
  service: () => ({ retryIntervalSeconds: 0, limits: { ...UNLIMITED, standaloneOverCap } }),
});

/** The attempts that are left after a wrong code. */
async function attemptsLeft(t: StoreServiceWorld, cookie: string): Promise<unknown> {
  return JSON.parse((await t.check(cookie, t.wrongCode())).body).attempts_left;
}

/** Guesses wrong, five times for each challenge. */
async function guessWrongInStepUps(
  t: StoreServiceWorld,
  next: () => { readonly challenge_token: string },
  count: number,
): Promise<void> {
  for (let done = 0; done < count; done += 5) {
    const more = next();
    const cookie = await t.open(more);
    for (let guess = 0; guess < 5; guess += 1) await t.check(cookie, t.wrongCode(), more);
  }
}

/** The limits of recipients and client addresses. */
export const budgetCases: readonly StoreCase[] = [
  serviceCase(
    'after 100 wrong codes in a row a standalone recipient gets verifications with one guess, until a success [R11, R13]',
    async (t) => {
      const owners = await t.open(EMAIL);
      const code = t.code();
      await guessWrong(t, EMAIL, 99);
      const before = await t.open(EMAIL);
      assert.equal(await attemptsLeft(t, before), 4);
      const after = await t.open(EMAIL);
      assert.equal(await attemptsLeft(t, after), 0);
      assert.equal(answerOf(await t.check(after, t.code())), 'unauthorized');
      assert.equal(await attemptsLeft(t, await t.open(email('other@example.com'))), 4);
      assert.equal(answerOf(await t.check(owners, code)), '200');
      await t.service.drain();
      assert.equal(await attemptsLeft(t, await t.open(EMAIL)), 4);
    },
    unlimited,
  ),

  serviceCase(
    'one guess is enough for the owner, the cap outlasts other windows, and resetLimits lifts it [R11]',
    async (t) => {
      await guessWrong(t, EMAIL, 100);
      if (t.harness.advance !== undefined) await t.wait(7 * 24 * 3600);
      assert.equal(await attemptsLeft(t, await t.open(EMAIL)), 0);
      await t.service.resetLimits({ type: 'email_address', value: 'User@Example.com' });
      assert.equal(await attemptsLeft(t, await t.open(EMAIL)), 4);
      await guessWrong(t, EMAIL, 100);
      assert.equal(answerOf(await t.check(await t.open(EMAIL), t.code())), '200');
    },
    unlimited,
  ),

  serviceCase(
    'over the cap the host can choose codes of eight digits [R11]',
    async (t) => {
      await guessWrong(t, EMAIL, 99);
      await t.open(EMAIL);
      assert.equal(t.code().length, 6);
      await guessWrong(t, EMAIL, 1);
      const cookie = await t.open(EMAIL);
      assert.equal(t.code().length, 8);
      assert.equal(answerOf(await t.check(cookie, t.code())), '200');
      await t.service.drain();
      await t.open(EMAIL);
      assert.equal(t.code().length, 6);
    },
    over('eight_digits'),
  ),

  serviceCase(
    'over the cap the host can choose a block of a day at most, which a live verification ends [R11]',
    async (t) => {
      const owners = await t.open(EMAIL);
      const code = t.code();
      await guessWrong(t, EMAIL, 100);
      const refused = await t.create(EMAIL);
      assert.equal(answerOf(refused), 'auth_blocked');
      assert.ok(Number(headerValues(refused, 'retry-after')[0]) <= 24 * 3600);
      assert.equal(answerOf(await t.create(email('other@example.com'))), '204');
      assert.equal(answerOf(await t.check(owners, code)), '200');
      await t.service.drain();
      assert.equal((await t.create(EMAIL)).status, 204);
    },
    over('block'),
  ),

  serviceCase(
    '100 wrong codes in a row of a user block step-ups with that recipient, and nobody else’s [R11]',
    async (t) => {
      const stepUp = (sub: string, to: object) => ({
        challenge_token: t.challenge({ sub, identifier: to }),
      });
      const theirs = { type: 'phone_number', value: '+33612345678' };
      const more = stepUp('attacker', theirs);
      const live = await t.open(more);
      const code = t.code();
      await guessWrongInStepUps(t, () => stepUp('attacker', theirs), 100);
      assert.equal(answerOf(await t.create(stepUp('attacker', theirs))), 'auth_blocked');
      // The owner of the number is another user.
      const owners = stepUp('owner', theirs);
      const cookie = await t.open(owners);
      assert.equal(answerOf(await t.check(cookie, t.code(), owners)), '200');
      assert.equal((await t.create(PHONE)).status, 204);
      // A live verification of the user still passes, and starts both counts again.
      assert.equal(answerOf(await t.check(live, code, more)), '200');
      await t.service.drain();
      assert.equal((await t.create(stepUp('attacker', theirs))).status, 204);
      await guessWrongInStepUps(t, () => stepUp('attacker', theirs), 100);
      await t.service.resetLimits({ sub: 'attacker', iss: t.issuer.issuer });
      assert.equal((await t.create(stepUp('attacker', theirs))).status, 204);
    },
    {
      service: () => ({
        retryIntervalSeconds: 0,
        limits: { ...UNLIMITED, userFailures: { max: 1_000_000, windowSeconds: 3600 } },
      }),
    },
  ),

  serviceCase(
    'resetLimits lifts the budget of wrong codes of a user [R04]',
    async (t) => {
      const next = () => ({ challenge_token: t.challenge() });
      await guessWrongInStepUps(t, next, 20);
      assert.equal(answerOf(await t.create(next())), 'auth_blocked');
      await t.service.resetLimits({ sub: 'user-1' });
      assert.equal(answerOf(await t.create(next())), 'auth_blocked');
      await t.service.resetLimits({ sub: 'user-1', iss: t.issuer.issuer });
      assert.equal(answerOf(await t.create(next())), '204');
    },
    unlimited,
  ),

  serviceCase(
    'a success starts the count of wrong codes again [R11]',
    async (t) => {
      await guessWrong(t, EMAIL, 95);
      assert.equal(answerOf(await t.check(await t.open(EMAIL), t.code())), '200');
      await t.service.drain();
      await guessWrong(t, EMAIL, 95);
      assert.equal(await attemptsLeft(t, await t.open(EMAIL)), 4);
    },
    unlimited,
  ),

  serviceCase(
    'wrong codes of strangers do not block the step-up of the recipient [R11]',
    async (t) => {
      await guessWrong(t, PHONE, 100);
      assert.equal(await attemptsLeft(t, await t.open(PHONE)), 0);
      const challenge_token = t.challenge();
      const cookie = await t.open({ challenge_token });
      assert.equal(answerOf(await t.check(cookie, t.code(), { challenge_token })), '200');
    },
    unlimited,
  ),

  ...[
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::2', '2001:db8:1:2:3:4:5:6'],
    ['2001:DB8:0:0::1', '2001:db8::2%eth0', '[2001:db8::3]:443'],
    ['203.0.113.9', '::ffff:203.0.113.9', '203.0.113.9:8080'],
    ['::ffff:cb00:7109', '[::FFFF:203.0.113.9]:1', '::ffff:203.0.113.9%eth0'],
    [undefined, undefined, undefined],
    [undefined, '', 'not an address'],
  ].map((addresses) =>
    serviceCase(
      `${JSON.stringify(addresses)} are one client (CVE-2026-45364) [R12]`,
      async (t) => {
        assert.deepEqual(await createFrom(t, addresses), ['204', '204', 'auth_blocked']);
      },
      twoEach,
    ),
  ),

  ...[
    ['2001:db8:1:2::1', '2001:db8:1:3::1', '2001:db8:1:4::1'],
    ['203.0.113.9', '203.0.113.10', '::ffff:203.0.113.11'],
    ['::1', '203.0.113.9', undefined],
  ].map((addresses) =>
    serviceCase(
      `${JSON.stringify(addresses)} are three clients [R12]`,
      async (t) => {
        const answers = await createFrom(t, [...addresses, ...addresses]);
        assert.deepEqual(
          answers,
          times(6, () => '204'),
        );
      },
      twoEach,
    ),
  ),
];
