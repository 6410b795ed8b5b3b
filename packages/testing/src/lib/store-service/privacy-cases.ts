import assert from 'node:assert/strict';
import { cookieOf, type ExchangeResponse } from '../http/exchange.js';
import type { ScenarioOptions } from '../kit/scenario.js';
import { answerOf, limitBothFlows, phone, type TestKit } from '../kit/test-kit.js';
import { badRequests, runBothFlows } from '../privacy/private-requests.js';
import { spellingsOf } from '../privacy/spellings.js';
import { privateOptions, Witness } from '../privacy/witness.js';
import type { StoreCase } from '../stores/store-world.js';
import { serviceCase } from './store-service-world.js';

const HOUR = 3600;
const MOST_SENDS = 4;
/** Longer than the codes here, so that it is never right by chance. */
const WRONG = '0000000000';

const alike: ScenarioOptions = {
  retryIntervalSeconds: 0,
  limits: limitBothFlows({ recipient: [{ max: MOST_SENDS, windowSeconds: HOUR }] }),
};

/** The response without random values and times. */
function shapeOf({ status, headers, body }: ExchangeResponse) {
  return {
    status,
    body,
    headers: headers.map(([name, value]) => [
      name,
      name === 'retry-after' ? '…' : value.replace(/=[^;]{43};/, '=…;').replace(/Max-Age=\d+/, ''),
    ]),
  };
}

/** Requests from create to the last guess, and creates up to the limit of the recipient. */
async function askAll(t: TestKit, body: object) {
  const created = await t.create(body);
  const cookie = cookieOf(created);
  const answers = [created];
  for (let count = 0; count < 3; count += 1) answers.push(await t.check(cookie, WRONG));
  answers.push(await t.retry(cookie));
  for (let count = 0; count < 3; count += 1) answers.push(await t.check(cookie, WRONG));
  answers.push(await t.retry(cookie));
  for (let count = 0; count < MOST_SENDS; count += 1) answers.push(await t.create(body));
  return answers.map(shapeOf);
}

/** What responses, events, output and a dump of the store reveal. */
export const privacyCases: readonly StoreCase[] = [
  serviceCase(
    'both flows leave nothing private in events, output, refusals or the store [P01]',
    async (t) => {
      const options = privateOptions();
      const client = t.beside(options);
      const witness = new Witness(client, options);
      try {
        await runBothFlows(client, witness);
        for (const request of badRequests(witness.secrets)) await witness.ask(request);
        await witness.assertNothingShows({ carried: false });
      } finally {
        witness.stop();
      }
      const dump = Buffer.from((await t.harness.dump?.()) ?? []);
      for (const secret of witness.secrets) {
        assert.ok(
          !spellingsOf(secret).some((each) => dump.includes(each)),
          'the store must not hold a private value',
        );
      }
    },
  ),

  serviceCase(
    'responses are the same for verified, unknown and silently blocked recipients, limits included [P02]',
    async (t) => {
      const [known, unknown, blocked] = ['+33612345678', '+33612345679', '+33698765432'];
      const work: Promise<unknown>[] = [];
      const client = t.beside({
        guard: ({ identifier }) => (identifier.value === blocked ? 'block' : 'allow'),
        onBlock: 'silent',
        waitUntil: (each) => void work.push(each),
      });
      const challenge_token = t.challenge();
      const cookie = await t.open({ challenge_token });
      assert.equal(answerOf(await t.check(cookie, t.code(), { challenge_token })), '200');

      const shapes = [];
      for (const number of [known, unknown, blocked]) {
        shapes.push(await askAll(client, phone(number ?? '')));
      }
      await Promise.all(work);
      assert.deepEqual(shapes[1], shapes[0]);
      assert.deepEqual(shapes[2], shapes[0]);
      assert.deepEqual(
        shapes[0]?.map(({ status }) => status),
        [204, 400, 400, 400, 204, 400, 400, 401, 401, 204, 204, 204, 403],
      );
      const sentTo = new Set(t.sender.messages.map(({ to }) => to));
      assert.deepEqual(sentTo, new Set([known, unknown]));
    },
    { service: () => alike },
  ),
];
