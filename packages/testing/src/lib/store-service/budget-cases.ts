import assert from 'node:assert/strict';
import { toOtpRequest } from '../http/direct-adapter.js';
import { cookieOf, post } from '../http/exchange.js';
import { EMAIL, PHONE } from '../kit/scenario.js';
import { answerOf, email, tally, times, UNLIMITED } from '../kit/test-kit.js';
import type { StoreCase } from '../stores/store-world.js';
import { type StoreServiceWorld, serviceCase } from './store-service-world.js';

async function guessWrong(t: StoreServiceWorld, body: object, count: number): Promise<void> {
  for (let done = 0; done < count; done += 5) {
    const cookie = cookieOf(await t.create(body));
    const wrong = t.wrongCode();
    const guesses = await t.race(5, (each) => each.check(cookie, wrong));
    assert.deepEqual(tally(guesses), { bad_check_code: 5 });
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
    limits: { ...UNLIMITED, clientAddress: [{ max: 2, windowSeconds: 600 }] },
  }),
};

/** The limits of recipients and client addresses. */
export const budgetCases: readonly StoreCase[] = [
  serviceCase(
    'after 100 wrong codes in a row a recipient is blocked until a live verification succeeds [R11]',
    async (t) => {
      const owners = await t.open(EMAIL);
      const code = t.code();
      await guessWrong(t, EMAIL, 95);
      assert.equal((await t.create(EMAIL)).status, 204);
      await guessWrong(t, EMAIL, 5);
      const { length } = t.sender.messages;
      assert.equal(answerOf(await t.create(EMAIL)), 'auth_blocked');
      assert.equal(answerOf(await t.create(email('other@example.com'))), '204');
      t.assertEffects({ stored: length + 1, sent: length + 1 });
      assert.equal(answerOf(await t.check(owners, code)), '200');
      await t.service.drain();
      assert.equal((await t.create(EMAIL)).status, 204);
    },
    unlimited,
  ),

  serviceCase(
    'the block outlasts other windows, and resetLimits lifts it [R11]',
    async (t) => {
      await guessWrong(t, EMAIL, 100);
      if (t.harness.advance !== undefined) await t.wait(7 * 24 * 3600);
      assert.equal(answerOf(await t.create(EMAIL)), 'auth_blocked');
      await t.service.resetLimits({ type: 'email_address', value: 'User@Example.com' });
      assert.equal((await t.create(EMAIL)).status, 204);
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
      assert.equal((await t.create(EMAIL)).status, 204);
    },
    unlimited,
  ),

  serviceCase(
    'wrong codes of strangers do not block the step-up of the recipient [R11]',
    async (t) => {
      await guessWrong(t, PHONE, 100);
      assert.equal(answerOf(await t.create(PHONE)), 'auth_blocked');
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
