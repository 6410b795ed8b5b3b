import { createDpopKey, createTestService, type Json } from '@otp/testing';
import { decodePayload, setUp, type TestKit, times } from '@otp/testing/internal';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CompletedStep } from './complete-host-step.js';

const ISSUER = 'https://issuer.example';
const PASSWORD: CompletedStep = {
  step: 'password',
  sub: 'user-1',
  sid: 'session-1',
  iss: ISSUER,
  amr: ['pwd'],
};

const step = (order: number, key: string) => ({
  order,
  key,
  expiration_duration: 60 * order,
  done: false,
});

/** A challenge of the issuer that is trusted, at its first step. */
function challengeOf(
  t: Pick<TestKit, 'challenge'>,
  keys: readonly string[],
  changes: Json = {},
): string {
  const steps = keys.map((key, index) => step(index + 1, key));
  return t.challenge({ current_step: keys[0], steps, ...changes });
}

async function complete(
  { service }: Pick<TestKit, 'service'>,
  token: unknown,
  changes: Partial<CompletedStep> = {},
): Promise<string> {
  const result = await service.completeStep(token, { ...PASSWORD, ...changes });
  return result.ok ? 'ok' : result.code;
}

/** The token of the next step. */
async function next(
  t: TestKit,
  token: string,
  changes: Partial<CompletedStep> = {},
): Promise<string> {
  const result = await t.service.completeStep(token, { ...PASSWORD, ...changes });
  return result.challengeToken ?? expect.fail(result.code);
}

async function pass(t: TestKit, challenge_token: string): Promise<string> {
  const cookie = await t.open({ challenge_token });
  const checked = await t.check(cookie, t.code(), { challenge_token });
  return JSON.parse(checked.body).challenge_token;
}

describe('completeStep', () => {
  afterEach(() => vi.restoreAllMocks());

  it('returns the same challenge at its next step', async () => {
    const t = setUp();
    const { jkt } = createDpopKey();
    const changes = {
      metadata: { payee: 'x' },
      scope_requested: ['a'],
      cnf: { jkt },
      aud: ['app', 'other'],
    };
    const first = challengeOf(t, ['password', 'verify_sms'], changes);
    t.clock.advance(10);
    const claims = decodePayload(await next(t, first));
    const before = decodePayload(first);
    const iat = t.clock.now() / 1000;
    expect(claims).toEqual({
      ...before,
      iss: 'https://otp.example',
      challenge_iss: ISSUER,
      aud: 'app',
      iat,
      exp: iat + 120,
      auth_time: iat,
      jti: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
      current_step: 'verify_sms',
      steps: [{ ...step(1, 'password'), done: true }, step(2, 'verify_sms')],
      amr: ['pwd'],
    });
    expect(claims.jti).not.toBe(before.jti);
  });

  it.each([
    [
      ['password', 'verify_sms'],
      ['pwd', 'otp', 'sms'],
    ],
    [
      ['verify_sms', 'password'],
      ['otp', 'sms', 'pwd'],
    ],
    [
      ['password', 'verify_sms', 'passkey', 'verify_email'],
      ['pwd', 'otp', 'sms', 'hwk', 'user'],
    ],
    [
      ['passkey', 'password'],
      ['hwk', 'user', 'pwd'],
    ],
  ])('goes through the chain %j with codes, to amr %j', async (keys, amr) => {
    const t = setUp({
      findRecipient: ({ type }) => ({
        type,
        value: type === 'phone_number' ? '+33612345678' : 'user@example.com',
      }),
    });
    let token = challengeOf(t, keys, { identifier: undefined });
    for (const key of keys) {
      const methods = key === 'passkey' ? ['hwk', 'user'] : ['pwd'];
      token = key.startsWith('verify_')
        ? await pass(t, token)
        : await next(t, token, { step: key, amr: methods });
    }
    const { sub, sid, iss } = PASSWORD;
    const expected = { sub, sid, iss: iss ?? '', scope: 'transfer' };
    const redeemed = await t.service.consumeStepUp(token, expected);
    expect(redeemed).toMatchObject({ ok: true, claims: { current_step: 'completed', amr } });
    const life = Number(redeemed.claims?.exp) - Number(redeemed.claims?.iat);
    expect(life).toBe(300);
  });

  it('takes a challenge of the service itself, also one without a session', async () => {
    const t = setUp();
    const steps = ['password', 'verify_sms'];
    const identifier = { type: 'phone_number', value: '+33612345678' } as const;
    const token = await t.service.issueChallengeToken({ sub: 'user-1', steps, identifier });
    const { iss: _, ...own } = { ...PASSWORD, sid: null };
    const result = await t.service.completeStep(token, own);
    expect(decodePayload(result.challengeToken ?? '')).toMatchObject({
      current_step: 'verify_sms',
    });
    expect(decodePayload(result.challengeToken ?? '')).not.toHaveProperty('challenge_iss');
  });

  it('succeeds once of 100 calls at once, and a repeated one is refused', async () => {
    const t = setUp();
    const token = challengeOf(t, ['password', 'verify_sms']);
    const answers = await Promise.all(times(100, () => complete(t, token)));
    expect(answers.filter((answer) => answer === 'ok')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'token_reused')).toHaveLength(99);
    expect(await complete(t, token)).toBe('token_reused');
    t.clock.advance(631);
    expect(await complete(t, token)).toBe('expired_challenge_token');
  });

  it.each<[string, Partial<CompletedStep>, string]>([
    ['another user', { sub: 'user-2' }, 'user'],
    ['the same user of another issuer', { iss: 'https://otp.example' }, 'user'],
    ['another session', { sid: 'session-2' }, 'session'],
    ['no session', { sid: null }, 'session'],
  ])('refuses %s as a mismatch, and leaves the token unused', async (_, changes, reason) => {
    const t = setUp();
    const token = challengeOf(t, ['password', 'verify_sms']);
    await t.untouched(async () => {
      // The reason is for events only.
      expect(await t.service.completeStep(token, { ...PASSWORD, ...changes })).toEqual({
        ok: false,
        code: 'token_mismatch',
        message: expect.any(String),
      });
    });
    const [refused] = t.events;
    expect(refused).toMatchObject({
      type: 'refused',
      route: 'completeStep',
      code: 'token_mismatch',
      reason,
    });
    expect(refused).toMatchObject({
      flow: 'step-up',
      user: t.service.referenceOf({ sub: 'user-1', iss: ISSUER }),
    });
    expect(await complete(t, token)).toBe('ok');
  });

  it.each<[string, Json, string]>([
    ['at a step of ours', { current_step: 'verify_sms' }, 'invalid_challenge_token'],
    ['at another step of the host', { current_step: 'passkey' }, 'invalid_challenge_token'],
    ['that is completed', { current_step: 'completed' }, 'invalid_challenge_token'],
    [
      'whose step is done',
      { steps: [{ ...step(1, 'password'), done: true }] },
      'invalid_challenge_token',
    ],
    ['without its step', { steps: [step(1, 'verify_sms')] }, 'invalid_challenge_token'],
    [
      'with its step twice',
      { steps: [step(1, 'password'), step(2, 'password')] },
      'invalid_challenge_token',
    ],
    ['without a user', { sub: undefined }, 'invalid_challenge_token'],
    [
      'of an issuer that is not trusted',
      { iss: 'https://other.example' },
      'invalid_challenge_token',
    ],
    ['whose answer might be too long', { metadata: 'x'.repeat(2_700) }, 'invalid_challenge_token'],
    ['of another app', { aud: 'other' }, 'token_mismatch'],
    ['that has expired', { iat: 1, exp: 2 }, 'expired_challenge_token'],
  ])('refuses a token %s', async (_, changes, code) => {
    const t = setUp();
    const token = challengeOf(t, ['password', 'verify_sms'], changes);
    await t.untouched(async () => {
      expect(await complete(t, token)).toBe(code);
    });
    expect(t.events).toMatchObject([{ type: 'refused', route: 'completeStep', code }]);
  });

  it.each([undefined, null, '', 'x', 1, {}, []])('refuses %j as a token', async (token) => {
    expect(await complete(createTestService(), token)).toBe('invalid_challenge_token');
  });

  it('refuses the token of a standalone check', async () => {
    const t = setUp();
    const token = await t.verify({
      identifier: { type: 'email_address', value: 'user@example.com' },
    });
    expect(await complete(t, token)).toBe('invalid_challenge_token');
  });

  it.each<[unknown, string]>([
    [undefined, 'the options of completeStep() must be an object.'],
    [{ ...PASSWORD, step: 'verify_sms' }, 'step must be the key of a step of your own'],
    [{ ...PASSWORD, step: 'verify_other' }, 'step must be the key of a step of your own'],
    [{ ...PASSWORD, step: 'completed' }, 'step must be the key of a step of your own'],
    [{ ...PASSWORD, step: '' }, 'step must be a string'],
    [{ ...PASSWORD, sub: undefined }, 'sub must be the id of the signed-in user.'],
    [{ ...PASSWORD, sid: undefined }, 'sid must be the id of the session, or null'],
    [{ ...PASSWORD, amr: undefined }, 'amr must be an array'],
    [{ ...PASSWORD, amr: 'pwd' }, 'amr must be an array'],
    [
      { ...PASSWORD, amr: ['pwd', 'otp'] },
      "amr[1] must not be 'otp' or 'sms', which a code proves.",
    ],
    [{ ...PASSWORD, amr: ['sms'] }, "amr[0] must not be 'otp' or 'sms', which a code proves."],
    ...['OTP', 'Sms', ' otp', 'otp\n', '', 'a b', 1, null].map((method): [unknown, string] => [
      { ...PASSWORD, amr: [method] },
      'amr[0] must be the name of a method of RFC 8176',
    ]),
    [{ ...PASSWORD, amr: times(17, String) }, 'amr must have at most 16 methods.'],
    [{ ...PASSWORD, scope: 'x' }, 'completeStep() has no option scope; it takes '],
  ])('throws a TypeError that names the field for %j', async (completed, message) => {
    const t = setUp();
    const token = challengeOf(t, ['password']);
    const call = () => t.service.completeStep(token, completed as CompletedStep);
    await t.untouched(async () => {
      await expect(call).rejects.toThrow(TypeError);
      await expect(call).rejects.toThrow(message);
    });
    expect(await complete(t, token, { amr: [] })).toBe('ok');
  });

  it('rejects, and leaves the token unused, when signing or the store fails [R10]', async () => {
    const t = setUp();
    const token = challengeOf(t, ['password', 'verify_sms']);
    vi.spyOn(crypto.subtle, 'sign').mockRejectedValue(new Error('the key is gone'));
    await t.untouched(async () => {
      await expect(complete(t, token)).rejects.toThrow('the key is gone');
    });
    vi.restoreAllMocks();
    t.store.fail(new Error('the store is down'));
    await expect(complete(t, token)).rejects.toThrow('the store is down');
    t.store.fail(undefined);
    expect(await complete(t, token)).toBe('ok');
  });

  it('never returns a token that is longer than those that the service takes', async () => {
    const t = setUp();
    const keys = times(9, (n) => `s${n}`);
    let token = challengeOf(t, keys, { metadata: 'x'.repeat(1_500) });
    const methods = (n: number) => times(16, (m) => `${n}-${m}-`.padEnd(64, 'x'));
    let done = 0;
    await expect(async () => {
      for (; done < keys.length; done += 1) {
        token = await next(t, token, { step: keys[done] ?? '', amr: methods(done) });
      }
    }).rejects.toThrow('amr must be shorter: the token has more than 8192 characters.');
    expect(await complete(t, token, { step: keys[done] ?? '' })).toBe('ok');
  });
});
