import { createHash } from 'node:crypto';
import {
  answerOf,
  decodePayload,
  EMAIL,
  PHONE,
  type ScenarioOptions,
  setUp,
  times,
} from '@otp/testing/internal';
import { describe, expect, test } from 'vitest';
import type { SessionStartProof } from '../src/lib/operations/consume.js';

const VERIFIER = 'v'.repeat(43);
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
const BOUND = { ...PHONE, code_challenge: CHALLENGE, code_challenge_method: 'S256' };

function world(options: ScenarioOptions = {}) {
  const reasons: unknown[] = [];
  const onEvent: ScenarioOptions['onEvent'] = (event) => {
    if (event.type === 'refused' && event.reason !== undefined) reasons.push(event.reason);
  };
  const t = setUp({ onEvent, ...options });
  return {
    ...t,
    reasons,
    /** The token that a standalone check answers. */
    async verify(body: object): Promise<string> {
      const cookie = await t.open(body);
      return JSON.parse((await t.check(cookie, t.code())).body).challenge_token;
    },
    async redeem(token: string, proof?: SessionStartProof): Promise<string> {
      const result = await t.service.consumeSessionStart(token, proof);
      return result.ok ? 'ok' : result.code;
    },
  };
}

describe('J15', () => {
  test('a token with a challenge is redeemed with its verifier alone, and a wrong one uses nothing up [J15]', async () => {
    const t = world();
    const token = await t.verify(BOUND);
    expect(decodePayload(token).pkce_challenge).toBe(CHALLENGE);
    const wrong = ['w'.repeat(43), CHALLENGE, '', 'v'.repeat(42), null, [VERIFIER], 1, undefined];
    await t.untouched(async () => {
      for (const codeVerifier of wrong) {
        expect(await t.redeem(token, { codeVerifier })).toBe('token_mismatch');
      }
      expect(await t.redeem(token)).toBe('token_mismatch');
    });
    expect(t.reasons).toEqual(times(wrong.length + 1, () => 'pkce'));
    const proof = { codeVerifier: VERIFIER };
    expect(await t.redeem(token, proof)).toBe('ok');
    expect(await t.redeem(token, proof)).toBe('token_reused');
  });

  test('RFC 9700, 2.1.1: a verifier for a token without a challenge is a mismatch [J15]', async () => {
    const t = world();
    const token = await t.verify(PHONE);
    expect(decodePayload(token)).not.toHaveProperty('pkce_challenge');
    for (const codeVerifier of [VERIFIER, '', null]) {
      expect(await t.redeem(token, { codeVerifier })).toBe('token_mismatch');
    }
    expect(t.reasons).toEqual(['pkce', 'pkce', 'pkce']);
    expect(await t.redeem(token)).toBe('ok');
  });

  test('of 100 calls with the right verifier and 100 with wrong ones, one succeeds [J15]', async () => {
    const t = world();
    const token = await t.verify(BOUND);
    const verifiers = times(200, (n) => (n % 2 === 0 ? VERIFIER : `${n}`.padEnd(43, 'x')));
    const answers = await Promise.all(
      verifiers.map((codeVerifier) => t.redeem(token, { codeVerifier })),
    );
    expect(answers.filter((answer) => answer === 'ok')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'token_reused')).toHaveLength(99);
    expect(answers.filter((answer) => answer === 'token_mismatch')).toHaveLength(100);
  });

  test("pkce 'required' refuses a standalone create without a challenge, and no step-up [J15]", async () => {
    const t = world({ pkce: 'required' });
    await t.untouched(async () => {
      const refused = await t.create(PHONE);
      expect(answerOf(refused)).toBe('bad_request');
      expect(JSON.parse(refused.body).message).toBe('code_challenge: is missing');
      const method = { ...EMAIL, code_challenge_method: 'S256' };
      expect(answerOf(await t.create(method))).toBe('bad_request');
    });
    expect(await t.redeem(await t.verify(BOUND), { codeVerifier: VERIFIER })).toBe('ok');
    t.clock.advance(30);
    await t.open({ challenge_token: t.challenge() });
  });

  test.each([
    { code_challenge: '' },
    { code_challenge: null },
    { code_challenge: 1 },
    { code_challenge: [CHALLENGE] },
    { code_challenge: CHALLENGE.slice(1) },
    { code_challenge: `${CHALLENGE}=` },
    { code_challenge: `${CHALLENGE.slice(1)}+` },
    { code_challenge: `${CHALLENGE}\n` },
    { code_challenge: CHALLENGE, code_challenge_method: 'plain' },
    { code_challenge: CHALLENGE, code_challenge_method: 's256' },
    { code_challenge: CHALLENGE, code_challenge_method: null },
    { code_challenge_method: 'plain' },
  ])('%j is a bad request in both flows [J15]', async (members) => {
    const t = world();
    await t.untouched(async () => {
      for (const of of [PHONE, { challenge_token: t.challenge() }]) {
        const refused = await t.create({ ...of, ...members });
        expect(answerOf(refused)).toBe('bad_request');
        expect(JSON.parse(refused.body).message).toMatch(/^code_challenge(_method)?: must be /);
      }
    });
  });

  test('a challenge beside a challenge token is ignored, and one inside it is not carried over [J15]', async () => {
    const t = world();
    const challenge_token = t.challenge({ pkce_challenge: CHALLENGE });
    const members = { code_challenge: 'A'.repeat(43) };
    const cookie = await t.open({ challenge_token, ...members });
    const checked = await t.check(cookie, t.code(), { challenge_token });
    const token = JSON.parse(checked.body).challenge_token;
    expect(decodePayload(token)).not.toHaveProperty('pkce_challenge');
  });
});
