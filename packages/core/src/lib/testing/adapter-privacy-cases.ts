import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { generateKeys } from '../generate-keys.js';
import { cookieOf, type ExchangeRequest, type ExchangeResponse, post } from './exchange.js';
import { type AdapterCase, type Scenario, type ScenarioOptions, scenario } from './scenario.js';
import { createTestSender } from './test-service.js';
import { challengeClaims, createTestIssuer, signCompact } from './test-tokens.js';
import { type OutputWatch, watchOutput } from './watch-output.js';

const ADDRESS = 'canary.user+tag@canary.example';
const NUMBER = '+33687654321';
const REMOTE = 'https://remote.example';
const CODE = '1928374650';
const BY_EMAIL = { identifier: { type: 'email_address', value: ADDRESS } };
const BY_PHONE = { identifier: { type: 'phone_number', value: NUMBER } };

/** What an error in these cases begins with; proof that it came through at all. */
const CARRIER = 'carrier pigeon';

/** Long codes: one of six digits may stand in a line of numbers by chance. */
function privateOptions(more: ScenarioOptions = {}): ScenarioOptions {
  const sender = createTestSender();
  const channel = { sender, codeLength: 10 };
  return {
    ...generateKeys(),
    testSender: sender,
    channels: { sms: { ...channel, countries: 'ALL' }, email: channel },
    retryIntervalSeconds: 0,
    ...more,
  };
}

/** Everything private that a scenario comes to know, and everything that others get to see. */
class Witness {
  readonly #t: Scenario;
  readonly #watch: OutputWatch = watchOutput();
  readonly #secrets = new Set([ADDRESS, NUMBER, NUMBER.slice(1)]);
  readonly #refusals: ExchangeResponse[] = [];

  constructor(t: Scenario, { keyring, signingKeys = [] }: ScenarioOptions) {
    this.#t = t;
    for (const secret of Object.values(keyring?.secrets ?? {})) this.#secrets.add(secret);
    if (keyring !== undefined) this.#secrets.add(keyring.limits);
    for (const { d = '' } of signingKeys) this.#secrets.add(d);
  }

  get secrets(): readonly string[] {
    return [...this.#secrets];
  }

  /** A challenge token that nobody else may see. */
  challenge(): string {
    return this.keep(
      this.#t.challenge({ identifier: BY_PHONE.identifier, sub: `user-${this.#secrets.size}` }),
    );
  }

  keep(token: string): string {
    for (const part of [token, ...token.split('.').slice(1)]) this.#secrets.add(part);
    return token;
  }

  async ask(request: ExchangeRequest): Promise<ExchangeResponse> {
    const response = await this.#t.exchange(request);
    for (const { code } of this.#t.sender.messages) this.#secrets.add(code);
    if (response.status >= 300) this.#refusals.push(response);
    else assert.ok(response.status === 200 || response.body === '');
    return response;
  }

  async create(body: unknown): Promise<string> {
    const cookie = cookieOf(await this.ask(post('/', body)));
    this.keep(cookie.slice(cookie.indexOf('=') + 1));
    return cookie;
  }

  /** An error that says it all, in every place where an error can. */
  carrier(): Error {
    const all = this.secrets.map((each) => `${each}, "${each}" ?q=${encodeURIComponent(each)};`);
    const text = `${CARRIER} ${all.join('\n')}`;
    return Object.assign(new Error(text, { cause: new Error(text) }), { response: text });
  }

  /** Searches all that was seen; `carried` when an event must have brought an error of ours. */
  async assertNothingShows({ carried }: { carried: boolean }): Promise<void> {
    const { events, service } = this.#t;
    const lines = await this.#watch.lines();
    const seen = {
      events: inspect(events, { depth: null, showHidden: true }) + JSON.stringify(events),
      output: lines.join('\n'),
      refusals: JSON.stringify(this.#refusals),
      service: inspect(service, { depth: null, showHidden: true }) + JSON.stringify(service),
    };
    assert.equal(seen.events.includes(CARRIER), carried, 'the error did not come through');
    assert.ok(this.#refusals.length > 0 && events.length > 0);
    for (const [place, text] of Object.entries(seen)) {
      for (const secret of this.#secrets) {
        assert.ok(!text.includes(secret), `${place} shows ${secret}: ${text.slice(0, 2000)}`);
      }
    }
  }

  stop(): void {
    this.#watch.stop();
  }
}

function privacyCase(
  name: string,
  run: (t: Scenario, witness: Witness) => Promise<void>,
  more?: () => ScenarioOptions,
): AdapterCase {
  // Kept here, because the witness has to know the keys.
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

/** Both flows from end to end, with whatever a client can do wrong on the way. */
async function runBothFlows(t: Scenario, witness: Witness): Promise<void> {
  const challenge_token = witness.challenge();
  for (const [body, more] of [
    [BY_EMAIL, {}],
    [{ challenge_token }, { challenge_token }],
  ] as const) {
    const cookie = await witness.create(body);
    const code = t.code();
    const check = (each: string) =>
      witness.ask(post('/check', { code: each, ...more }, { cookie }));
    await witness.ask(post('/retry', {}, { cookie }));
    await check(t.wrongCode());
    await check(`${code}0000`);
    await check(`${code}x`);
    await witness.ask(post('/check', { code, challenge_token: `${challenge_token}x` }, { cookie }));
    const checked = await check(code);
    assert.equal(checked.status, 200);
    const token = witness.keep(JSON.parse(checked.body).challenge_token);
    await witness.ask(post('/', { challenge_token: token }));
    await check(code);
    await witness.ask(post('/', body));
  }
}

function badRequests(secrets: readonly string[]): ExchangeRequest[] {
  return secrets.flatMap((secret) => [
    post('/', { identifier: { type: 'email_address', value: `${secret};${ADDRESS}` } }),
    post('/', { identifier: { type: 'phone_number', value: `${NUMBER};ext=${secret}` } }),
    post('/', { identifier: { type: secret, value: secret } }),
    post('/', { ...BY_EMAIL, dispatch_id: `${secret}\r\n` }),
    post('/', { ...BY_EMAIL, login_config_id: secret }),
    post('/', { challenge_token: secret }),
    post('/', `{"${secret}":1,"${secret}":2}`),
    post('/', secret),
    post('/', BY_EMAIL, { contentType: `text/plain; x=${secret}` }),
    post('/check', { code: secret }, { cookie: `__verification-login_app=${secret}!` }),
    post(`/${encodeURIComponent(secret)}`, {}),
  ]);
}

/** P01: marked values go through everything, and are then searched for in everything. */
export const privacyCases: readonly AdapterCase[] = [
  privacyCase('P01 both flows show nothing private in events, output or refusals', async (t, w) => {
    await runBothFlows(t, w);
    for (const request of badRequests(w.secrets)) await w.ask(request);
    await w.assertNothingShows({ carried: false });
  }),

  privacyCase(
    'P01 a store that fails with private values in its errors shows none of them',
    async (t, w) => {
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
    },
  ),

  privacyCase(
    'P01 a sender that fails with private values in its errors shows none of them',
    async (t, w) => {
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
    },
  ),

  privacyCase(
    'P01 a guard, a look-up and a message that fail with private values show none of them',
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
      recipientOf({ sub }) {
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
    'P01 a key set that cannot be had shows nothing of the token that asked for it',
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
