import { serviceOptions } from '@otp/test/service-options';
import { createTestService, type Json } from '@otp/testing';
import { challengeClaims, signCompact } from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';
import { parseSigningKeys } from '../keys/signing-keys.js';
import type { ExpectedStepUp } from './consume.js';

const { signingKeys } = serviceOptions();
const { signer } = parseSigningKeys(signingKeys);
const OWN = 'https://otp.example';
const STEP_UP: ExpectedStepUp = { sub: 'user-1', sid: 'session-1', scope: 'transfer' };
/** No step-up but a session start. */
const SESSION = undefined;

function createWorld() {
  const world = createTestService({ signingKeys });
  const sign = (changes: Json, key = signer.key, kid = signer.kid) =>
    signCompact(
      { alg: 'EdDSA', typ: 'JWT', kid },
      { ...challengeClaims(OWN, world.clock.now()), current_step: 'completed', ...changes },
      key,
    );
  return {
    ...world,
    sign,
    stepUp: (changes: Json = {}) => sign(changes),
    standalone: (changes: Json = {}) =>
      sign({
        sub: undefined,
        sid: undefined,
        scope_requested: undefined,
        grant_mode: 'session-start',
        ...changes,
      }),
    consume: async (token: unknown, expected: ExpectedStepUp | undefined) => {
      const result = await (expected === undefined
        ? world.service.consumeSessionStart(token)
        : world.service.consumeStepUp(token, expected));
      return result.ok ? 'ok' : result.code;
    },
  };
}

describe('consumeStepUp and consumeSessionStart', () => {
  it('return the claims of a step-up', async () => {
    const { service, stepUp } = createWorld();
    expect(await service.consumeStepUp(stepUp(), STEP_UP)).toMatchObject({
      ok: true,
      claims: { sub: 'user-1', scope_requested: 'transfer' },
    });
  });

  it('return the verified recipient of a session start', async () => {
    const { service, standalone } = createWorld();
    expect(await service.consumeSessionStart(standalone())).toMatchObject({
      ok: true,
      identifier: { type: 'phone_number', value: '+33612345678' },
      claims: { grant_mode: 'session-start' },
    });
  });

  it.each(['step-up', 'standalone'] as const)(
    'redeem a token of a %s exactly once, 100 at once',
    async (kind) => {
      const world = createWorld();
      const token = kind === 'step-up' ? world.stepUp() : world.standalone();
      const expected = kind === 'step-up' ? STEP_UP : SESSION;
      const codes = await Promise.all(
        Array.from({ length: 100 }, () => world.consume(token, expected)),
      );
      expect(codes.filter((code) => code === 'ok')).toHaveLength(1);
      expect(new Set(codes)).toEqual(new Set(['ok', 'token_reused']));
      expect(await world.consume(token, expected)).toBe('token_reused');
    },
  );

  it('remember a used token as long as it could pass', async () => {
    const world = createWorld();
    const token = world.stepUp();
    expect(await world.consume(token, STEP_UP)).toBe('ok');
    world.clock.advance(629);
    expect(await world.consume(token, STEP_UP)).toBe('token_reused');
    world.clock.advance(2);
    expect(await world.consume(token, STEP_UP)).toBe('expired_challenge_token');
  });

  it.each([
    ['another user', { ...STEP_UP, sub: 'user-2' }],
    ['another session', { ...STEP_UP, sid: 'session-2' }],
    ['no session', { ...STEP_UP, sid: null }],
    ['another scope', { ...STEP_UP, scope: 'delete' }],
    ['a list of the scope', { ...STEP_UP, scope: ['transfer'] }],
    ['no scope', { ...STEP_UP, scope: null }],
    ['another grant mode', { ...STEP_UP, grantMode: 'login' }],
    ['another issuer', { ...STEP_UP, iss: 'https://issuer.example' }],
    ['a session start', SESSION],
  ])('refuse %s as a mismatch, and leave the token unused', async (_, expected) => {
    const world = createWorld();
    const token = world.stepUp();
    expect(await world.consume(token, expected)).toBe('token_mismatch');
    expect(await world.consume(token, STEP_UP)).toBe('ok');
  });

  it('refuse a session start as a step-up, whatever is expected', async () => {
    const world = createWorld();
    const token = world.standalone();
    for (const grantMode of ['step-up', 'login']) {
      const expected = { sub: 'user-1', sid: null, scope: null, grantMode };
      expect(await world.consume(token, expected)).toBe('token_mismatch');
    }
    expect(await world.consume(token, SESSION)).toBe('ok');
  });

  it('refuse a step-up that has a PKCE challenge, for which there is no verifier [J15]', async () => {
    const world = createWorld();
    const token = world.stepUp({ pkce_challenge: 'A'.repeat(43) });
    expect(await world.consume(token, STEP_UP)).toBe('token_mismatch');
  });

  it('refuse a session start that names a user or a session, or no recipient', async () => {
    const world = createWorld();
    expect(await world.consume(world.standalone({ sub: 'user-1' }), SESSION)).toBe(
      'token_mismatch',
    );
    expect(await world.consume(world.standalone({ sid: 'session-1' }), SESSION)).toBe(
      'token_mismatch',
    );
    expect(await world.consume(world.standalone({ identifier: undefined }), SESSION)).toBe(
      'token_mismatch',
    );
  });

  it.each([
    [['a', 'b'], ['b', 'a'], 'ok'],
    [['a', 'b'], ['a', 'b'], 'ok'],
    [['a'], ['a', 'a'], 'token_mismatch'],
    [['a', 'b'], ['a'], 'token_mismatch'],
    [['a'], 'a', 'token_mismatch'],
    ['a b', ['a', 'b'], 'token_mismatch'],
    [undefined, null, 'ok'],
    [undefined, '', 'token_mismatch'],
    [undefined, [], 'token_mismatch'],
    [null, 'null', 'token_mismatch'],
    [{ a: 1 }, 'a', 'token_mismatch'],
  ])('compare scope %j of the token with %j: %s', async (asked, scope, code) => {
    const world = createWorld();
    const token = world.stepUp({ scope_requested: asked });
    expect(await world.consume(token, { ...STEP_UP, scope })).toBe(code);
  });

  it('redeem a token without grant mode as a step-up', async () => {
    const world = createWorld();
    expect(await world.consume(world.stepUp({ grant_mode: undefined }), STEP_UP)).toBe('ok');
  });

  it('redeem a token without session where none is expected', async () => {
    const world = createWorld();
    const token = world.stepUp({ sid: undefined });
    expect(await world.consume(token, STEP_UP)).toBe('token_mismatch');
    expect(await world.consume(token, { ...STEP_UP, sid: null })).toBe('ok');
  });

  it('refuse a completed token of another issuer, even one that is trusted with challenges', async () => {
    const world = createWorld();
    const byIssuer = world.challenge({ current_step: 'completed' });
    expect(await world.consume(byIssuer, STEP_UP)).toBe('invalid_challenge_token');
    const posing = world.sign({}, world.issuer.privateKey, world.issuer.kid);
    expect(await world.consume(posing, STEP_UP)).toBe('invalid_challenge_token');
    const underOurKid = world.sign({}, world.issuer.privateKey);
    expect(await world.consume(underOurKid, STEP_UP)).toBe('invalid_challenge_token');
  });

  it.each([
    ['a step left', { current_step: 'verify_sms' }, 'invalid_challenge_token'],
    ['a step of the host left', { current_step: 'approve' }, 'invalid_challenge_token'],
    ['another app', { aud: 'other' }, 'token_mismatch'],
    ['no jti', { jti: undefined }, 'invalid_challenge_token'],
    ['an end in the past', { iat: 1, exp: 2 }, 'expired_challenge_token'],
  ])('refuse a token with %s', async (_, changes, code) => {
    const world = createWorld();
    expect(await world.consume(world.stepUp(changes), STEP_UP)).toBe(code);
  });

  it('have a message about the token for the host', async () => {
    const { service, stepUp } = createWorld();
    const take = async (token: string, expected = STEP_UP) => {
      const result = await service.consumeStepUp(token, expected);
      return result.ok ? 'ok' : result.message;
    };
    const token = stepUp();
    const other = { ...STEP_UP, sub: 'user-2' };
    expect([
      await take(stepUp({ current_step: 'verify_sms' })),
      await take(token, other),
      await take(token),
      await take(token),
    ]).toEqual([
      'challenge_token: is not completed',
      'challenge_token: is not for this user, session and scope',
      'ok',
      'challenge_token: was already used',
    ]);
  });

  it.each([undefined, null, '', 'x', 1, {}, []])('refuse %j as a token', async (token) => {
    const world = createWorld();
    expect(await world.consume(token, STEP_UP)).toBe('invalid_challenge_token');
  });

  it('redeem the step-up of another issuer for its own user', async () => {
    const world = createWorld();
    const token = world.stepUp({ challenge_iss: 'https://issuer.example' });
    expect(await world.consume(token, STEP_UP)).toBe('token_mismatch');
    const expected = { ...STEP_UP, iss: 'https://issuer.example' };
    expect(await world.consume(token, expected)).toBe('ok');
  });

  const SID = 'expected.sid must be the id of the session, or null when there is none.';
  const SCOPE = 'expected.scope must be the scope of the challenge, or null when it has none.';
  const GRANT_MODE =
    'expected.grantMode must be that of the challenge; consumeSessionStart() redeems';
  it.each<[unknown, string]>([
    [undefined, 'expected must be an object.'],
    [null, 'expected must be an object.'],
    [{ ...STEP_UP, sub: undefined }, 'expected.sub must be the id of the signed-in user.'],
    [{ ...STEP_UP, sub: '' }, 'expected.sub must be the id of the signed-in user.'],
    [{ ...STEP_UP, sub: null }, 'expected.sub must be the id of the signed-in user.'],
    [{ sub: 'user-1', scope: null }, SID],
    [{ ...STEP_UP, sid: undefined }, SID],
    [{ ...STEP_UP, sid: '' }, SID],
    [{ sub: 'user-1', sid: null }, SCOPE],
    [{ ...STEP_UP, scope: undefined }, SCOPE],
    [{ ...STEP_UP, scope: 1 }, SCOPE],
    [{ ...STEP_UP, grantMode: 'session-start' }, GRANT_MODE],
    [{ ...STEP_UP, grantMode: '' }, GRANT_MODE],
    [{ ...STEP_UP, iss: null }, 'expected.iss must be a string of 1 to 512 characters.'],
    [
      { ...STEP_UP, session: 's' },
      'expected has no option session; it takes sub, sid, iss, scope, ',
    ],
  ])('throw a TypeError that names the field for expected %j', async (expected, message) => {
    const { service, stepUp } = createWorld();
    const consume = () => service.consumeStepUp(stepUp(), expected as ExpectedStepUp);
    await expect(consume).rejects.toThrow(TypeError);
    await expect(consume).rejects.toThrow(message);
  });

  it('reject when the store fails, and redeem the token afterwards', async () => {
    const world = createWorld();
    const token = world.stepUp();
    world.store.fail(new Error('the store is down'));
    await expect(world.consume(token, STEP_UP)).rejects.toThrow('the store is down');
    world.store.fail(undefined);
    expect(await world.consume(token, STEP_UP)).toBe('ok');
  });
});
