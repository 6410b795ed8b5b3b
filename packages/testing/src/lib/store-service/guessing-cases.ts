import assert from 'node:assert/strict';
import { cookieOf, post } from '../http/exchange.js';
import { EMAIL, PHONE, type ScenarioOptions } from '../kit/scenario.js';
import { answerOf, email, limitBothFlows, type TestKit, tally, times } from '../kit/test-kit.js';
import type { StoreCase } from '../stores/store-world.js';
import { paced, racingCase, type StoreServiceWorld, serviceCase } from './store-service-world.js';

const fiveAnHour = {
  service: (): ScenarioOptions => ({
    retryIntervalSeconds: 0,
    limits: limitBothFlows({ recipient: [{ max: 5, windowSeconds: 3600 }] }),
  }),
};

const GUESSES = 10_000;
/** The most guesses at once, after as many in a row. */
const BURST = 20;

export const guessingCases: readonly StoreCase[] = [
  serviceCase(
    'of 10,000 wrong codes in a row five are evaluated, then not even the right one (GoTrue #2819) [R01]',
    async (t) => {
      const cookie = await t.open();
      const right = Number(t.code());
      const guess = (n: number) => {
        const code = String((right + 1 + n) % 1_000_000).padStart(6, '0');
        return t.check(cookie, code);
      };
      const answers = [];
      for (let n = 0; n < BURST; n += 1) answers.push(await guess(n));
      assert.deepEqual(tally(answers), { bad_check_code: 5, unauthorized: BURST - 5 });
      const { guesses = GUESSES } = t.harness;
      const size = Math.min(BURST, t.atOnce);
      for (let n = BURST; n < guesses; n += size) {
        const burst = await Promise.all(times(size, (index) => guess(n + index)));
        assert.deepEqual(tally(burst), { unauthorized: size });
      }
      assert.equal(answerOf(await t.check(cookie, t.code())), 'unauthorized');
      t.assertEffects({ stored: 1, sent: 1 });
    },
  ),

  racingCase(
    'of 1,000 checks at once with the right code one succeeds (better-auth #8067) [R02]',
    async (t) => {
      const cookie = await t.open();
      const code = t.code();
      const responses = await t.race(t.atOnce, (each) => each.check(cookie, code));
      assert.deepEqual(tally(responses), { '200': 1, unauthorized: t.atOnce - 1 });
      t.assertEffects({ stored: 1, sent: 1 });
    },
  ),

  serviceCase(
    'of many checks at once in two verifications of one challenge one succeeds [R02]',
    async (t) => {
      const challenge_token = t.challenge();
      const first = await t.open({ challenge_token });
      const firstCode = t.code();
      const second = await t.open({ challenge_token });
      const secondCode = t.code();
      const responses = await t.race(Math.min(200, t.atOnce), (each, n) =>
        n % 4 < 2
          ? each.check(first, firstCode, { challenge_token })
          : each.check(second, secondCode, { challenge_token }),
      );
      assert.equal(tally(responses)['200'], 1);
    },
    { service: () => ({ retryIntervalSeconds: 0 }) },
  ),

  serviceCase('of 1,000 wrong codes at once five are evaluated [R03]', async (t) => {
    const cookie = await t.open();
    const wrong = t.wrongCode();
    const responses = await t.race(t.atOnce, (each) => each.check(cookie, wrong));
    assert.deepEqual(tally(responses), { bad_check_code: 5, unauthorized: t.atOnce - 5 });
    const left = responses.flatMap(({ body }) => JSON.parse(body).attempts_left ?? []);
    assert.deepEqual(left.sort(), [0, 1, 2, 3, 4]);
  }),

  ...[0, 0.003, 0.004, 0.005, 0.5, 0.999].map((place) =>
    serviceCase(
      `with the right code at index ${place * 1000} of 1,000 at once at most five are evaluated [R03]`,
      async (t) => {
        const cookie = await t.open();
        const [right, wrong] = [t.code(), t.wrongCode()];
        const at = Math.trunc(place * t.atOnce);
        const responses = await t.race(t.atOnce, (each, n) =>
          each.check(cookie, n === at ? right : wrong),
        );
        const { '200': passed = 0, bad_check_code: failed = 0 } = tally(responses);
        assert.ok(passed <= 1);
        assert.ok(passed + failed <= 5);
      },
    ),
  ),

  serviceCase(
    '50 creates at once for one recipient stay within its limit (AuthQuake) [R04]',
    async (t) => {
      const cookies = await createManyAtOnce(t, EMAIL);
      const wrong = codeBeside(t);
      const count = Math.min(100, 4 * t.atOnce);
      const guesses = await t.race(count, (each, n) => each.check(cookies[n % 5], wrong));
      assert.deepEqual(tally(guesses), { bad_check_code: 25, unauthorized: count - 25 });
    },
    fiveAnHour,
  ),

  serviceCase(
    'the verifications of one challenge share five guesses [R04]',
    async (t) => {
      const challenge_token = t.challenge();
      const cookies = await createManyAtOnce(t, { challenge_token });
      const wrong = codeBeside(t);
      const guesses = await t.race(5, (each, n) =>
        each.check(cookies[n], wrong, { challenge_token }),
      );
      assert.deepEqual(tally(guesses), { bad_check_code: 5 });
      const codes = [wrong, ...t.sender.messages.map(({ code }) => code)];
      const more = await t.race(cookies.length * codes.length, (each, n) => {
        const code = codes[Math.trunc(n / cookies.length)] ?? '';
        return each.check(cookies[n % cookies.length], code, { challenge_token });
      });
      assert.equal(tally(more)['200'], undefined);
      assert.equal(tally(more).bad_check_code, undefined);
    },
    { service: () => ({ retryIntervalSeconds: 0 }) },
  ),

  serviceCase(
    'a stranger who knows the recipient cannot use up guesses, end the verification or read anything [R05]',
    async (t, { intervalSeconds }) => {
      const owners = await t.open(EMAIL);
      const code = t.code();
      const refused = await t.create(EMAIL);
      assert.equal(answerOf(refused), 'auth_blocked');
      assert.ok(!refused.body.includes('user@example.com'));
      await t.wait(intervalSeconds);
      const strangers = await t.open(EMAIL);
      const guess = t.wrongCode();
      await t.race(20, (each) => each.check(strangers, guess));
      await t.race(20, (each) => each.check(undefined, guess));
      const wrong = await t.check(owners, code === '000000' ? '111111' : '000000');
      const { code: answer, attempts_left } = JSON.parse(wrong.body);
      assert.deepEqual([answer, attempts_left], ['bad_check_code', 4]);
      assert.equal(answerOf(await t.check(owners, code)), '200');
    },
    paced,
  ),

  serviceCase(
    'responses to a stranger are the same for a recipient with a live verification and for an unknown one [R05]',
    async (t, { intervalSeconds }) => {
      await t.open(EMAIL);
      await t.wait(intervalSeconds);
      const known = await t.create(EMAIL);
      const unknown = await t.create(email('nobody@example.com'));
      const seen = ({ status, headers, body }: typeof known) => ({
        status,
        body,
        headers: headers.map(([name, value]) => [name, value.replace(/=[^;]{43};/, '=T;')]),
      });
      assert.deepEqual(seen(known), seen(unknown));
      const guess = { code: t.wrongCode() };
      const answers = [
        await t.exchange(post('/check', { ...guess, ...EMAIL })),
        await t.exchange(post('/retry', EMAIL)),
        await t.check('__verification-login_app=user@example.com', guess.code),
      ];
      assert.deepEqual(tally(answers), { unauthorized: 3 });
    },
    paced,
  ),

  serviceCase(
    'a stranger in the standalone flow does not use up the limits of a signed-in user [R05, R11]',
    async (t) => {
      for (let sent = 0; sent < 5; sent += 1) await t.open(PHONE);
      assert.equal(answerOf(await t.create(PHONE)), 'auth_blocked');
      assert.equal((await t.create({ challenge_token: t.challenge() })).status, 204);
    },
    fiveAnHour,
  ),

  ...[1, 2, 3, 4].map((count) =>
    serviceCase(`the right code passes with ${count} wrong ones in flight [R06]`, async (t) => {
      const cookie = await t.open();
      const [right, wrong] = [t.code(), t.wrongCode()];
      const responses = await t.race(count + 1, (each, n) =>
        each.check(cookie, n < count ? wrong : right),
      );
      const { '200': passed, bad_check_code: failed = 0, unauthorized = 0 } = tally(responses);
      assert.equal(passed, 1);
      // Over a network a wrong code may arrive last, after the verification has ended.
      assert.equal(failed + unauthorized, count);
    }),
  ),
];

/** Creates many at once and returns the cookies of the five that pass. Limits on several nodes may refuse more at first. */
async function createManyAtOnce(t: StoreServiceWorld, body: object): Promise<string[]> {
  const count = Math.min(50, t.atOnce);
  const raced = await t.race(count, (each) => each.create(body));
  const { '204': admitted = 0, auth_blocked } = tally(raced);
  // Possibly none if the limits are on several nodes.
  assert.ok(admitted <= 5, `${admitted} of 5`);
  assert.equal(admitted + (auth_blocked ?? 0), count);
  const later = [];
  for (let sent = admitted; sent <= 5; sent += 1) later.push(await t.create(body));
  assert.deepEqual(later.map(answerOf), [...times(5 - admitted, () => '204'), 'auth_blocked']);
  assert.equal(t.sender.messages.length, 5);
  return [...raced, ...later].filter(({ status }) => status === 204).map(cookieOf);
}

/** A code that is wrong for every verification. */
function codeBeside({ sender }: TestKit): string {
  const sent = sender.messages.map(({ code }) => code);
  const unsent = times(sent.length + 1, (n) => String(n).padStart(6, '0'));
  return unsent.find((code) => !sent.includes(code)) ?? '';
}
