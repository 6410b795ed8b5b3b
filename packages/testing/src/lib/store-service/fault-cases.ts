import assert from 'node:assert/strict';
import type { Completion, OtpStore } from '@otp/core/store';
import { type ExchangeResponse, headerValues } from '../http/exchange.js';
import { interceptVerbs, type VerbHooks } from '../kit/intercept-verbs.js';
import { EMAIL } from '../kit/scenario.js';
import { answerOf, replaceVerbs, type TestKit, tally } from '../kit/test-kit.js';
import type { StoreCase } from '../stores/store-world.js';
import {
  racingCase,
  type ServiceCaseOptions,
  type StoreServiceWorld,
  serviceCase,
} from './store-service-world.js';

const INTERNAL = '{"code":"internal","type":"internal"}';
const FLOWS = ['standalone', 'step-up'] as const;
const HOOKS = ['before', 'after'] as const;

const atAnyTime: ServiceCaseOptions = { service: () => ({ retryIntervalSeconds: 0 }) };

/** What a client of one flow sends: the body of a create, and members of a check beside the code. */
function clientOf(t: TestKit, flow: (typeof FLOWS)[number]) {
  const more = flow === 'step-up' ? { challenge_token: t.challenge() } : {};
  return { body: flow === 'step-up' ? more : EMAIL, more };
}

/** The same service on a store where one call of a verb fails, before or after its effect. */
function failingOnce(t: StoreServiceWorld, verb: keyof OtpStore, hook: keyof VerbHooks): TestKit {
  let isUp = false;
  const fail = (each: string) => {
    if (each !== verb || isUp) return;
    isUp = true;
    throw new Error('the connection was cut');
  };
  return t.beside({ store: interceptVerbs(t.store, { [hook]: fail }) });
}

function assertNothingTold(response: ExchangeResponse): void {
  assert.deepEqual([response.status, response.body], [500, INTERNAL]);
  assert.deepEqual(headerValues(response, 'set-cookie'), [], 'the client keeps its cookie');
}

/** The token of each success can be redeemed, once. */
async function assertRedeemed(t: TestKit, responses: readonly ExchangeResponse[]): Promise<void> {
  for (const { status, body } of responses) {
    if (status !== 200) continue;
    const take = () => t.service.consumeSessionStart(JSON.parse(body).challenge_token);
    assert.deepEqual([(await take()).ok, (await take()).ok], [true, false]);
  }
}

/** Checks that are cut between two steps, and replies that are lost. */
export const faultCases: readonly StoreCase[] = [
  ...FLOWS.flatMap((flow) => [
    ...HOOKS.map((hook) =>
      serviceCase(
        `a ${flow} check whose reservation fails ${hook} its effect is 500, and the next one succeeds [R10, S01]`,
        async (t) => {
          const { body, more } = clientOf(t, flow);
          const cookie = await t.open(body);
          const client = failingOnce(t, 'reserveCheck', hook);
          assertNothingTold(await client.check(cookie, t.code(), more));
          const wrong = JSON.parse((await client.check(cookie, t.wrongCode(), more)).body);
          assert.equal(wrong.attempts_left, hook === 'after' ? 3 : 4);
          assert.equal(answerOf(await client.check(cookie, t.code(), more)), '200');
        },
      ),
    ),

    serviceCase(
      `a ${flow} check that is cut before it completes is 500, and the next one succeeds once [R10]`,
      async (t) => {
        const { body, more } = clientOf(t, flow);
        const cookie = await t.open(body);
        const code = t.code();
        const client = failingOnce(t, 'complete', 'before');
        assertNothingTold(await client.check(cookie, code, more));
        const responses = await t.race(4, (each) => each.check(cookie, code, more));
        assert.equal(tally(responses)['200'], 1);
      },
    ),

    serviceCase(
      `a ${flow} check that has completed and loses the reply is 500, and no other succeeds [R10]`,
      async (t) => {
        const { body, more } = clientOf(t, flow);
        const cookie = await t.open(body);
        const code = t.code();
        const client = failingOnce(t, 'complete', 'after');
        assertNothingTold(await client.check(cookie, code, more));
        const responses = await t.race(3, (each) => each.check(cookie, code, more));
        assert.deepEqual(tally(responses), { unauthorized: 3 });
      },
    ),

    ...HOOKS.map((hook) =>
      serviceCase(
        `a ${flow} check of a wrong code is 500 without attempts_left if ${hook === 'before' ? 'its failure cannot be counted' : 'the reply to its count is lost'} [R11, S01]`,
        async (t) => {
          const { body, more } = clientOf(t, flow);
          const cookie = await t.open(body);
          const client = failingOnce(t, 'charge', hook);
          assertNothingTold(await client.check(cookie, t.wrongCode(), more));
          const wrong = JSON.parse((await client.check(cookie, t.wrongCode(), more)).body);
          assert.deepEqual([wrong.code, wrong.attempts_left], ['bad_check_code', 3]);
          assert.equal(answerOf(await client.check(cookie, t.code(), more)), '200');
        },
      ),
    ),
  ]),

  serviceCase(
    'completing that is repeated after a lost reply is one success [R10]',
    async (t) => {
      const cookie = await t.open();
      const code = t.code();
      const responses = await t.race(6, (each) => each.check(cookie, code));
      const { '200': passed, unauthorized } = tally(responses);
      assert.deepEqual([passed, unauthorized], [1, 5]);
      await assertRedeemed(t, responses);
    },
    {
      wrap: (store) =>
        replaceVerbs(store, {
          async complete(...args) {
            await store.complete(...args);
            return store.complete(...args);
          },
        }),
    },
  ),

  serviceCase(
    'after a crash between the mark of the token and the claim, only this verification can finish [R02, R10]',
    async (t) => {
      const { body, more } = clientOf(t, 'step-up');
      const [marking, markingCode] = [await t.open(body), t.code()];
      const [other, otherCode] = [await t.open(body), t.code()];
      const crashing = replaceVerbs(t.store, {
        async complete(id: string, { token }: Completion) {
          assert.ok(token !== undefined, 'a step-up uses up its token');
          await t.store.charge([token], id);
          throw new Error('the process has crashed');
        },
      });
      const client = t.beside({ store: crashing });
      assertNothingTold(await client.check(marking, markingCode, more));
      assert.equal(answerOf(await t.check(other, otherCode, more)), 'token_reused');
      const responses = await t.race(3, (each) => each.check(marking, markingCode, more));
      assert.equal(tally(responses)['200'], 1);
      assert.equal(answerOf(await t.check(other, otherCode, more)), 'token_reused');
    },
    atAnyTime,
  ),

  ...FLOWS.map((flow) =>
    racingCase(
      `of many ${flow} checks at once, of which many are cut at any step, one succeeds at most [R02, R10]`,
      async (t) => {
        const { body, more } = clientOf(t, flow);
        const held = [];
        for (let n = 0; n < 2; n += 1) held.push({ cookie: await t.open(body), code: t.code() });
        // Standalone verifications are independent.
        const used = flow === 'step-up' ? held : held.slice(0, 1);
        let calls = 0;
        const cut = () => {
          calls += 1;
          if (calls % 3 === 0) throw new Error('the connection was cut');
        };
        const client = t.beside({ store: interceptVerbs(t.store, { before: cut, after: cut }) });
        const ask = (n: number) => used[n % used.length] ?? assert.fail('is held');
        const responses = await Promise.all(
          Array.from({ length: Math.min(60, t.atOnce) }, (_, n) =>
            client.check(ask(n).cookie, ask(n).code, more),
          ),
        );
        for (const { cookie, code } of used) {
          for (let n = 0; n < 6; n += 1) responses.push(await t.peer.check(cookie, code, more));
        }
        const { '200': passed = 0 } = tally(responses);
        assert.ok(passed <= 1, `${passed} successes`);
      },
      atAnyTime,
    ),
  ),
];
