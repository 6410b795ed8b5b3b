import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { serviceOptions } from '@otp/test/service-options';
import { createTestService, type Json } from '@otp/testing';
import { challengeClaims, decodePayload, signCompact } from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';
import { type IssueOptions, issueChallengeToken, type NewChallenge } from '../challenge/issue.js';
import { parseSigningKeys } from '../keys/signing-keys.js';
import type { OtpService } from '../service.js';
import type { ExpectedGrant } from './consume.js';

const { signingKeys } = serviceOptions();
const { signer } = parseSigningKeys(signingKeys);
const OWN = 'https://otp.example';
const STEP_UP = {
  grantMode: 'step-up',
  sub: 'user-1',
  sid: 'session-1',
  scope: 'transfer',
} as const;
const SESSION = { grantMode: 'session-start' } as const;

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
    consume: async (token: unknown, expected: ExpectedGrant) => {
      const result = await world.service.consumeChallengeToken(token, expected);
      return result.ok ? 'ok' : result.code;
    },
  };
}

describe('consumeChallengeToken', () => {
  it('answers the claims of a step-up, and no recipient', async () => {
    const { service, stepUp } = createWorld();
    const result = await service.consumeChallengeToken(stepUp(), STEP_UP);
    expect(result).toMatchObject({
      ok: true,
      claims: { sub: 'user-1', scope_requested: 'transfer' },
    });
    expect(result.ok && result.identifier).toBeUndefined();
  });

  it('answers the verified recipient after a standalone check', async () => {
    const { service, standalone } = createWorld();
    const result = await service.consumeChallengeToken(standalone(), SESSION);
    expect(result).toMatchObject({
      ok: true,
      identifier: { type: 'phone_number', value: '+33612345678' },
    });
  });

  it.each(['step-up', 'standalone'] as const)(
    'takes a token of a %s exactly once, 100 at once',
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

  it('remembers a used token as long as it could pass', async () => {
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
    ['a session start', SESSION],
  ])('is a mismatch for %s, and does not use the token up', async (_, expected) => {
    const world = createWorld();
    const token = world.stepUp();
    expect(await world.consume(token, expected)).toBe('token_mismatch');
    expect(await world.consume(token, STEP_UP)).toBe('ok');
  });

  it('a session start never passes for a step-up, whatever is expected', async () => {
    const world = createWorld();
    const token = world.standalone();
    for (const grantMode of ['step-up', 'login']) {
      const expected = { grantMode, sub: 'user-1', sid: null, scope: null };
      expect(await world.consume(token, expected)).toBe('token_mismatch');
    }
    expect(await world.consume(token, SESSION)).toBe('ok');
  });

  it('a session start that names a user or a session is none', async () => {
    const world = createWorld();
    expect(await world.consume(world.standalone({ sub: 'user-1' }), SESSION)).toBe(
      'token_mismatch',
    );
    expect(await world.consume(world.standalone({ sid: 'session-1' }), SESSION)).toBe(
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
  ])('scope %j of the token against %j is %s', async (asked, scope, code) => {
    const world = createWorld();
    const token = world.stepUp({ scope_requested: asked });
    expect(await world.consume(token, { ...STEP_UP, scope })).toBe(code);
  });

  it('a token without grant mode is a step-up', async () => {
    const world = createWorld();
    expect(await world.consume(world.stepUp({ grant_mode: undefined }), STEP_UP)).toBe('ok');
  });

  it('a token without session is for who expects none', async () => {
    const world = createWorld();
    const token = world.stepUp({ sid: undefined });
    expect(await world.consume(token, STEP_UP)).toBe('token_mismatch');
    expect(await world.consume(token, { ...STEP_UP, sid: null })).toBe('ok');
  });

  it('refuses a completed token of another issuer, also of one that it trusts with challenges', async () => {
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
  ])('refuses a token with %s', async (_, changes, code) => {
    const world = createWorld();
    expect(await world.consume(world.stepUp(changes), STEP_UP)).toBe(code);
  });

  it('says to the host what is wrong with a token', async () => {
    const { service, stepUp } = createWorld();
    const take = async (token: string, expected: ExpectedGrant = STEP_UP) => {
      const result = await service.consumeChallengeToken(token, expected);
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

  it.each([undefined, null, '', 'x', 1, {}, []])('refuses %j as a token', async (token) => {
    const world = createWorld();
    expect(await world.consume(token, STEP_UP)).toBe('invalid_challenge_token');
  });

  it.each([
    [undefined, /expected/],
    [null, /expected/],
    [{}, /expected\.grantMode/],
    [{ grantMode: '' }, /expected\.grantMode/],
    [{ grantMode: 1 }, /expected\.grantMode/],
    [{ grantMode: 'session-start', sub: 'user-1' }, /session-start/],
    [{ ...STEP_UP, sub: undefined }, /expected\.sub/],
    [{ ...STEP_UP, sub: '' }, /expected\.sub/],
    [{ ...STEP_UP, sub: null }, /expected\.sub/],
    [{ ...STEP_UP, sid: undefined }, /expected\.sid/],
    [{ ...STEP_UP, session: 's' }, /expected has no option session; it takes sub, sid, scope, iss/],
    [{ ...STEP_UP, iss: null }, /expected\.iss must be/],
    [{ grantMode: 'session_start' }, /only grantMode 'session-start', spelt like this/],
    [{ ...STEP_UP, scope: undefined }, /expected\.scope/],
  ])('throws a TypeError that names the field for expected %j', async (expected, message) => {
    const { service, stepUp } = createWorld();
    const consume = () =>
      service.consumeChallengeToken(stepUp(), expected as unknown as ExpectedGrant);
    await expect(consume).rejects.toThrow(TypeError);
    await expect(consume).rejects.toThrow(message);
  });

  it('rejects when the store fails, and passes afterwards', async () => {
    const world = createWorld();
    const token = world.stepUp();
    world.store.fail(new Error('the store is down'));
    await expect(world.consume(token, STEP_UP)).rejects.toThrow('the store is down');
    world.store.fail(undefined);
    expect(await world.consume(token, STEP_UP)).toBe('ok');
  });
});

describe('issueChallengeToken', () => {
  const CHALLENGE: NewChallenge = { sub: 'user-1', steps: ['verify_sms'] };
  const claimsOf = async (service: OtpService, changes: Partial<NewChallenge> = {}) =>
    decodePayload(await service.issueChallengeToken({ ...CHALLENGE, ...changes }));

  it('signs a challenge at its first step', async () => {
    const { service, clock } = createWorld();
    const iat = clock.now() / 1000;
    expect(await claimsOf(service)).toEqual({
      iss: OWN,
      aud: 'app',
      sub: 'user-1',
      iat,
      exp: iat + 600,
      jti: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
      challenge_id: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
      current_step: 'verify_sms',
      steps: [{ order: 1, key: 'verify_sms', expiration_duration: 600, done: false }],
      grant_mode: 'step-up',
    });
  });

  it('carries what it is told, recipients in canonical form', async () => {
    const { service } = createWorld();
    const identifier = { type: 'email_address', value: 'User@Example.com' } as const;
    const claims = await claimsOf(service, {
      sid: 'session-1',
      scope: ['a', 'b'],
      grantMode: 'login',
      metadata: { amount: 1 },
      jkt: 'k'.repeat(43),
      identifier,
      steps: [{ key: 'verify_email', expirationSeconds: 60, identifier }, 'approve'],
    });
    const canonical = { type: 'email_address', value: 'user@example.com' };
    expect(claims).toMatchObject({
      sid: 'session-1',
      scope_requested: ['a', 'b'],
      grant_mode: 'login',
      metadata: { amount: 1 },
      cnf: { jkt: 'k'.repeat(43) },
      identifier: canonical,
      steps: [
        {
          order: 1,
          key: 'verify_email',
          expiration_duration: 60,
          done: false,
          identifier: canonical,
        },
        { order: 2, key: 'approve', expiration_duration: 600, done: false },
      ],
    });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(60);
  });

  it('makes a token that consume calls uncompleted', async () => {
    const { service, consume } = createWorld();
    const token = await service.issueChallengeToken(CHALLENGE);
    expect(await consume(token, STEP_UP)).toBe('invalid_challenge_token');
  });

  const mail = { type: 'email_address', value: 'user@example.com' } as const;
  it.each<[unknown, RegExp]>([
    [undefined, /^challenge must be an object/],
    [null, /^challenge must be an object/],
    [{ ...CHALLENGE, sub: undefined }, /^sub must/],
    [{ ...CHALLENGE, sub: '' }, /^sub must/],
    [{ ...CHALLENGE, sub: 1 }, /^sub must/],
    [{ ...CHALLENGE, sub: 'x'.repeat(513) }, /^sub must/],
    [{ ...CHALLENGE, sid: '' }, /^sid must/],
    [{ ...CHALLENGE, sid: null }, /^sid must/],
    [{ ...CHALLENGE, grantMode: '' }, /^grantMode must/],
    [{ ...CHALLENGE, grantMode: 'session-start' }, /^grantMode must not be 'session-start'/],
    [{ ...CHALLENGE, jkt: 'short' }, /^jkt must/],
    [{ ...CHALLENGE, jkt: '' }, /^jkt must/],
    [{ ...CHALLENGE, jkt: 'x'.repeat(44) }, /^jkt must/],
    [{ ...CHALLENGE, jkt: `=${'x'.repeat(43)}` }, /^jkt must/],
    [{ ...CHALLENGE, jkt: `${'x'.repeat(43)}=` }, /^jkt must/],
    ...[{ type: 'user', value: 'x' }, { type: 'email_address', value: 1 }, {}].map(
      (identifier): [unknown, RegExp] => [
        { ...CHALLENGE, steps: [{ key: 'verify_email', identifier }] },
        /^steps\[0\]\.identifier must/,
      ],
    ),
    [{ ...CHALLENGE, steps: undefined }, /^steps must/],
    [{ ...CHALLENGE, steps: 'verify_sms' }, /^steps must/],
    [{ ...CHALLENGE, steps: [] }, /^steps must/],
    [{ ...CHALLENGE, steps: ['a', { key: 'a' }] }, /^steps must name each step once/],
    [{ ...CHALLENGE, metadata: 'x'.repeat(4096) }, /more than 3840 characters/],
    [{ ...CHALLENGE, steps: [''] }, /^steps\[0\]\.key must/],
    [{ ...CHALLENGE, steps: [null] }, /^steps\[0\]/],
    [{ ...CHALLENGE, steps: ['a', { key: 1 }] }, /^steps\[1\]\.key must/],
    [
      { ...CHALLENGE, steps: [{ key: 'a', expirationSeconds: 0 }] },
      /^steps\[0\]\.expirationSeconds must/,
    ],
    [
      { ...CHALLENGE, steps: [{ key: 'a', expirationSeconds: 86_401 }] },
      /^steps\[0\]\.expirationSeconds must/,
    ],
    [
      { ...CHALLENGE, steps: [{ key: 'verify_sms', identifier: mail }] },
      /^steps\[0\]\.identifier\.type must/,
    ],
    [
      { ...CHALLENGE, steps: [{ key: 'verify_email', identifier: { ...mail, value: 'x' } }] },
      /^steps\[0\]\.identifier must/,
    ],
    [
      { ...CHALLENGE, identifier: { type: 'phone_number', value: '0612345678' } },
      /^identifier must/,
    ],
    [{ ...CHALLENGE, identifier: { type: 'phone_number', value: 1 } }, /^identifier must/],
    [{ ...CHALLENGE, identifier: { type: 'user', value: 'x' } }, /^identifier must/],
    [{ ...CHALLENGE, identifier: { type: 'email_address' } }, /^identifier must/],
    [{ ...CHALLENGE, identifier: null }, /^identifier must/],
    [{ ...CHALLENGE, scope: 1 }, /^scope must/],
    [{ ...CHALLENGE, scope: '' }, /^scope must/],
    [{ ...CHALLENGE, scope: [] }, /^scope must/],
    [{ ...CHALLENGE, scope: ['a', ''] }, /^scope must/],
    [{ ...CHALLENGE, scope: ['a', 1] }, /^scope must/],
    [{ ...CHALLENGE, steps: ['completed'] }, /^steps\[0\]\.key must/],
    [{ ...CHALLENGE, sidd: 'x' }, /^challenge has no option sidd; it takes sub, sid, scope, steps/],
    [
      { ...CHALLENGE, steps: [{ key: 'verify_sms', expiration: 60 }] },
      /^steps\[0\] has no option expiration; it takes key, expirationSeconds, identifier/,
    ],
  ])('throws a TypeError that names the field for %j', async (challenge, message) => {
    const { service } = createWorld();
    const issue = async () => service.issueChallengeToken(challenge as NewChallenge);
    await expect(issue).rejects.toThrow(TypeError);
    await expect(issue).rejects.toThrow(message);
  });

  const OPTIONS = { issuer: 'https://id.example.com', audience: 'shop', signer };

  it('signs without a service', async () => {
    const token = await issueChallengeToken(CHALLENGE, OPTIONS);
    expect(decodePayload(token)).toMatchObject({ iss: OPTIONS.issuer, aud: 'shop' });
  });

  it('may be as long as leaves room for the answer, and no longer', async () => {
    const issue = (length: number) =>
      issueChallengeToken({ ...CHALLENGE, metadata: 'm'.repeat(length) }, OPTIONS);
    let longest = '';
    for (let length = 2_200; longest.length < 3_840; length += 1) longest = await issue(length);
    expect(longest).toHaveLength(3_840);
    await expect(issue(2_900)).rejects.toThrow(/more than 3840 characters/);
  });

  it('asks for one scope as a text', async () => {
    const token = await issueChallengeToken({ ...CHALLENGE, scope: 'transfer' }, OPTIONS);
    expect(decodePayload(token)).toMatchObject({ scope_requested: 'transfer' });
  });

  it.each<[string, unknown, RegExp]>([
    ['none', undefined, /^options must be an object/],
    ['no issuer', { ...OPTIONS, issuer: undefined }, /^issuer must/],
    ['an empty audience', { ...OPTIONS, audience: '' }, /^audience must/],
    [
      'no signer',
      { ...OPTIONS, signer: undefined },
      /^signer must be the one that parseSigningKeys/,
    ],
    ['a signer without a key', { ...OPTIONS, signer: { kid: 'a' } }, /^signer must/],
    ['a signer without a kid', { ...OPTIONS, signer: { key: signer.key } }, /^signer must/],
    [
      'a signer with a public key',
      { ...OPTIONS, signer: { kid: 'a', key: createPublicKey(signer.key) } },
      /^signer must/,
    ],
    [
      'a signer with a key of another kind',
      { ...OPTIONS, signer: { kid: 'a', key: generateKeyPairSync('ed448').privateKey } },
      /^signer must/,
    ],
  ])('throws a TypeError that names the option for options: %s', async (_, options, rule) => {
    const issue = async () => issueChallengeToken(CHALLENGE, options as IssueOptions);
    await expect(issue).rejects.toThrow(TypeError);
    await expect(issue).rejects.toThrow(rule);
  });
});
