import { serviceOptions } from '@otp/test/service-options';
import { createTestService } from '@otp/testing';
import { decodePayload } from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';
import { generateSecret } from '../keys/generate-keys.js';
import { resolveKeys } from '../keys/resolve-keys.js';
import type { OtpService } from '../service.js';
import { type IssueOptions, issueChallengeToken, type NewChallenge } from './issue.js';

const { signingKeys } = serviceOptions();
const OWN = 'https://otp.example';

describe('issueChallengeToken', () => {
  const CHALLENGE: NewChallenge = { sub: 'user-1', steps: ['verify_sms'] };
  const claimsOf = async (service: OtpService, changes: Partial<NewChallenge> = {}) =>
    decodePayload(await service.issueChallengeToken({ ...CHALLENGE, ...changes }));

  it('signs a challenge at its first step', async () => {
    const findRecipient = () => undefined;
    const { service, clock } = createTestService({ signingKeys, findRecipient });
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

  it('keeps every field, recipients in canonical form', async () => {
    const { service } = createTestService({ signingKeys });
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

  const mail = { type: 'email_address', value: 'user@example.com' } as const;
  const NAME = 'must be a string of 1 to 512 characters.';
  const SID = 'challenge.sid must be the id of the session, 1 to 512 characters, or null';
  const RECIPIENT =
    "must be { type: 'phone_number', value } with a mobile number in E.164 form, or { type: 'email_address'";
  const JKT = 'challenge.jkt must be the base64url SHA-256 thumbprint of a JWK (RFC 7638).';
  const SCOPE = 'challenge.scope must be a string or an array of strings, none of them empty.';
  const SECONDS = 'challenge.steps[0].expirationSeconds must be an integer from 1 to 86400.';
  it.each<[unknown, string]>([
    [undefined, 'challenge must be an object.'],
    [null, 'challenge must be an object.'],
    [{ ...CHALLENGE, sub: undefined }, `challenge.sub ${NAME}`],
    [{ ...CHALLENGE, sub: '' }, `challenge.sub ${NAME}`],
    [{ ...CHALLENGE, sub: 1 }, `challenge.sub ${NAME}`],
    [{ ...CHALLENGE, sub: 'x'.repeat(513) }, `challenge.sub ${NAME}`],
    [{ ...CHALLENGE, sid: '' }, SID],
    // A session without an id must not issue a token for every session.
    [{ ...CHALLENGE, sid: undefined }, SID],
    [{ ...CHALLENGE, grantMode: '' }, `challenge.grantMode ${NAME}`],
    [
      { ...CHALLENGE, grantMode: 'session-start' },
      "challenge.grantMode must not be 'session-start'",
    ],
    ...['short', '', 'x'.repeat(44), `=${'x'.repeat(43)}`, `${'x'.repeat(43)}=`].map(
      (jkt): [unknown, string] => [{ ...CHALLENGE, jkt }, JKT],
    ),
    ...[1, '', [], ['a', ''], ['a', 1]].map((scope): [unknown, string] => [
      { ...CHALLENGE, scope },
      SCOPE,
    ]),
    ...[
      null,
      {},
      { type: 'user', value: 'x' },
      { type: 'email_address' },
      { type: 'email_address', value: 1 },
      { type: 'phone_number', value: '0612345678' },
    ].flatMap((identifier): [unknown, string][] => [
      [{ ...CHALLENGE, identifier }, `challenge.identifier ${RECIPIENT}`],
      [
        { ...CHALLENGE, steps: [{ key: 'verify_email', identifier }] },
        `challenge.steps[0].identifier ${RECIPIENT}`,
      ],
    ]),
    [{ ...CHALLENGE, steps: undefined }, "challenge.steps must be an array, like ['verify_sms']."],
    [
      { ...CHALLENGE, steps: 'verify_sms' },
      "challenge.steps must be an array, like ['verify_sms'].",
    ],
    [
      { ...CHALLENGE, steps: [] },
      "challenge.steps must have at least one step, like 'verify_sms'.",
    ],
    [{ ...CHALLENGE, steps: ['a', { key: 'a' }] }, 'challenge.steps must have each step once.'],
    [{ ...CHALLENGE, steps: [''] }, `challenge.steps[0].key ${NAME}`],
    [{ ...CHALLENGE, steps: [null] }, 'challenge.steps[0] must be an object.'],
    [{ ...CHALLENGE, steps: ['a', { key: 1 }] }, `challenge.steps[1].key ${NAME}`],
    [
      { ...CHALLENGE, steps: ['completed'] },
      "steps[0].key must be the key of a step, not 'completed'.",
    ],
    [{ ...CHALLENGE, steps: [{ key: 'a', expirationSeconds: 0 }] }, SECONDS],
    [{ ...CHALLENGE, steps: [{ key: 'a', expirationSeconds: 86_401 }] }, SECONDS],
    [
      { ...CHALLENGE, steps: [{ key: 'verify_sms', identifier: mail }] },
      'challenge.steps[0] must have an identifier of the type that its key needs.',
    ],
    [{ ...CHALLENGE, metadata: 'x'.repeat(4096) }, 'a token of more than 4096 characters.'],
    [{ ...CHALLENGE, sidd: 'x' }, 'challenge has no option sidd; it takes sub, sid, scope, steps'],
    [
      { ...CHALLENGE, steps: [{ key: 'verify_sms', expiration: 60 }] },
      'challenge.steps[0] has no option expiration; it takes key, expirationSeconds, identifier.',
    ],
  ])('throws a TypeError that names the field for %j', async (challenge, message) => {
    const { service } = createTestService({ signingKeys, findRecipient: () => undefined });
    const issue = async () => service.issueChallengeToken(challenge as NewChallenge);
    await expect(issue).rejects.toThrow(TypeError);
    await expect(issue).rejects.toThrow(message);
  });

  const OPTIONS = { issuer: 'https://id.example.com', audience: 'shop', signingKeys };

  it('signs without a service, with signing keys', async () => {
    const token = await issueChallengeToken(CHALLENGE, OPTIONS);
    expect(decodePayload(token)).toMatchObject({ iss: OPTIONS.issuer, aud: 'shop' });
  });

  it('signs without a service, with the secret of the service, at a time of its own', async () => {
    const secret = generateSecret();
    const { service, clock } = createTestService({ secret });
    const options = { issuer: OWN, audience: 'app', secret, now: clock.now() };
    const token = await issueChallengeToken({ ...CHALLENGE, sid: 's' }, options);
    expect(decodePayload(token).iat).toBe(clock.now() / 1000);
    const expected = { sub: 'user-1', sid: 's', scope: null };
    // Signed by a key of ours, or it would be invalid without a look at its step.
    expect(await service.consumeStepUp(token, expected)).toMatchObject({
      message: 'challenge_token: is not completed',
    });
    expect(resolveKeys({ secret }).signer.kid).toBe(headerOf(token).kid);
  });

  it('may make a token of 4096 characters, and no longer one', async () => {
    const issue = (length: number) =>
      issueChallengeToken({ ...CHALLENGE, metadata: 'm'.repeat(length) }, OPTIONS);
    let longest = '';
    for (let length = 2_400; longest.length < 4_095; length += 1) longest = await issue(length);
    await expect(issue(3_000)).rejects.toThrow(/more than 4096 characters/);
  });

  it('has one scope as a string', async () => {
    const token = await issueChallengeToken({ ...CHALLENGE, scope: 'transfer' }, OPTIONS);
    expect(decodePayload(token)).toMatchObject({ scope_requested: 'transfer' });
  });

  it.each<[string, unknown, string]>([
    ['none', undefined, 'the options of issueChallengeToken() must be an object.'],
    ['no issuer', { ...OPTIONS, issuer: undefined }, `issuer ${NAME}`],
    ['an empty audience', { ...OPTIONS, audience: '' }, `audience ${NAME}`],
    ['no keys', { ...OPTIONS, signingKeys: undefined }, 'Use either secret or signingKeys;'],
    ['both keys', { ...OPTIONS, secret: generateSecret() }, 'Use either secret or signingKeys;'],
    [
      'a bad secret',
      { ...OPTIONS, signingKeys: undefined, secret: 'x' },
      'secret must be at least',
    ],
    ['no time', { ...OPTIONS, now: Number.NaN }, 'now must be milliseconds since the epoch.'],
    ['an unknown option', { ...OPTIONS, signer: {} }, 'issueChallengeToken() has no option signer'],
  ])('throws a TypeError that names the option for options: %s', async (_, options, message) => {
    const issue = async () => issueChallengeToken(CHALLENGE, options as IssueOptions);
    await expect(issue).rejects.toThrow(TypeError);
    await expect(issue).rejects.toThrow(message);
  });
});

function headerOf(token: string): { kid: string } {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
}
