import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { post } from '../http/exchange.js';
import {
  type AdapterCase,
  type Scenario,
  type ScenarioOptions,
  scenario,
} from '../kit/scenario.js';
import { badRequests, runBothFlows } from '../privacy/private-requests.js';
import {
  ADDRESS,
  BY_EMAIL,
  BY_PHONE,
  CARRIER,
  NUMBER,
  privateOptions,
  Witness,
} from '../privacy/witness.js';
import { challengeClaims, createTestIssuer, signCompact } from '../service/challenge-tokens.js';
import { createTestSender } from '../service/test-sender.js';

const REMOTE = 'https://remote.example';
const CODE = '1928374650';

function privacyCase(
  name: string,
  run: (t: Scenario, witness: Witness) => Promise<void>,
  more?: () => ScenarioOptions,
): AdapterCase {
  // The witness looks for the keys of these options.
  let options: ScenarioOptions = {};
  return scenario(
    name,
    async (t) => {
      const witness = new Witness(t, options);
      try {
        await run(t, witness);
      } finally {
        witness.stop();
      }
    },
    () => {
      options = privateOptions(more?.());
      return options;
    },
  );
}

/** P01: canary values pass through both flows; events, output and responses are then searched for them. */
export const privacyCases: readonly AdapterCase[] = [
  privacyCase(
    'both flows leave nothing private in events, output or refusals [P01]',
    async (t, w) => {
      await runBothFlows(t, w);
      for (const request of badRequests(w.secrets)) await w.ask(request);
      await w.assertNothingShows({ carried: false });
    },
  ),

  privacyCase('private values in the errors of a store are not shown [P01]', async (t, w) => {
    const challenge_token = w.challenge();
    const cookie = await w.create({ challenge_token });
    const { code } = t.sender.messages[0] ?? { code: '' };
    t.store.fail(w.carrier());
    for (const request of [
      post('/', BY_EMAIL),
      post('/retry', {}, { cookie }),
      post('/check', { code, challenge_token }, { cookie }),
    ]) {
      assert.equal((await w.ask(request)).status, 500);
    }
    await w.assertNothingShows({ carried: true });
  }),

  privacyCase('private values in the errors of a sender are not shown [P01]', async (t, w) => {
    const cookie = await w.create(BY_PHONE);
    for (const kind of ['unavailable', 'rejected', 'unknown'] as const) {
      t.sender.fail(Object.assign(w.carrier(), { name: 'SendError', kind }));
      await w.ask(post('/', BY_EMAIL));
      await w.ask(post('/retry', {}, { cookie }));
    }
    for (const thrown of [w.carrier().message, { toString: () => w.carrier().message }]) {
      t.sender.fail(thrown);
      await w.ask(post('/', BY_EMAIL));
    }
    await w.assertNothingShows({ carried: true });
  }),

  privacyCase(
    'private values in the errors of guard, findRecipient and message are not shown [P01]',
    async (t, w) => {
      w.keep(CODE);
      const bodies = [BY_EMAIL, { challenge_token: w.challenge() }, BY_PHONE];
      for (const body of bodies) assert.equal((await w.ask(post('/', body))).status, 500);
      assert.equal(t.store.stored.size, 0);
      await w.assertNothingShows({ carried: true });
    },
    () => ({
      randomness: { bytes: (size) => randomBytes(size), int: () => Number(CODE) },
      guard({ identifier: { type, value }, clientAddress }) {
        if (type === 'phone_number') return 'allow';
        throw new Error(`${CARRIER} ${value} at ${clientAddress}`);
      },
      findRecipient({ sub }) {
        throw new Error(`${CARRIER} ${sub} has ${NUMBER} and ${ADDRESS}`);
      },
      channels: {
        email: { sender: createTestSender() },
        sms: {
          sender: createTestSender(),
          countries: 'ALL',
          codeLength: 10,
          message({ code }) {
            throw new Error(`${CARRIER} ${code} to ${NUMBER}`);
          },
        },
      },
    }),
  ),

  privacyCase(
    'nothing of a token is shown if the key set of its issuer cannot be fetched [P01]',
    async (t, w) => {
      const issuer = createTestIssuer(REMOTE);
      const claims = { ...challengeClaims(REMOTE, t.clock.now()), ...BY_PHONE };
      const token = signCompact({ alg: 'EdDSA', kid: issuer.kid }, claims, issuer.privateKey);
      const refused = await w.ask(post('/', { challenge_token: w.keep(token) }));
      assert.equal(JSON.parse(refused.body).code, 'invalid_challenge_token');
      await w.assertNothingShows({ carried: true });
    },
    () => ({
      challengeIssuers: [{ issuer: REMOTE, jwksUrl: `${REMOTE}/jwks.json` }],
      fetch: async () => {
        throw new Error(`${CARRIER} ${NUMBER} ${ADDRESS}`);
      },
    }),
  ),
];
