import { describe, expect, it } from 'vitest';
import { NODE_RANDOMNESS } from '../keys/randomness.js';
import type { Channel } from '../ports.js';
import { authenticationMethods } from './amr.js';
import type { Challenge } from './challenge.js';
import type { ChallengeClaims, ChallengeStep } from './claims.js';
import { completeStandalone, completeStep, createJti } from './complete-step.js';

const NOW = Date.UTC(2030, 0, 1) + 999;
const SECONDS = Math.floor(NOW / 1000);
const config = { appId: 'app', issuer: 'https://otp.example', random: NODE_RANDOMNESS };

const step = (order: number, key: string, changes: Partial<ChallengeStep> = {}): ChallengeStep => ({
  order,
  key,
  done: false,
  ...changes,
});

function challengeOf(changes: Omit<Partial<ChallengeClaims>, 'sub'> = {}): Challenge {
  const claims = {
    iss: 'https://issuer.example',
    aud: ['app', 'other'],
    sub: 'user-1',
    sid: 'session-1',
    iat: SECONDS - 100,
    nbf: SECONDS - 100,
    exp: SECONDS + 100,
    jti: 'the-jti-of-before',
    challenge_id: 'challenge-1',
    current_step: 'verify_sms',
    scope_requested: ['b', 'a'],
    grant_mode: 'transfer',
    metadata: { deep: [1] },
    identifier: { type: 'phone_number' as const, value: '+33612345678' },
    cnf: { jkt: 'k'.repeat(43) },
    ...changes,
  } satisfies ChallengeClaims;
  return { claims, step: 'verify_sms', recipient: undefined, name: 'name', secondsToRemember: 1 };
}

const complete = (changes: Omit<Partial<ChallengeClaims>, 'sub'> = {}, channel: Channel = 'sms') =>
  completeStep(config, challengeOf(changes), { amr: authenticationMethods(channel), now: NOW });

describe('completeStep', () => {
  it('keeps the claims of the challenge, with issuer, times and jti of our own', () => {
    const { claims } = challengeOf();
    const completed = complete();
    for (const name of [
      'sub',
      'sid',
      'challenge_id',
      'scope_requested',
      'grant_mode',
      'metadata',
      'identifier',
      'cnf',
    ] as const) {
      expect(completed[name], name).toEqual(claims[name]);
    }
    expect(completed).toMatchObject({
      iss: 'https://otp.example',
      iat: SECONDS,
      auth_time: SECONDS,
    });
    expect(completed.nbf).toBeUndefined();
    expect(completed.jti).toMatch(/^[A-Za-z0-9_-]{22}$/);
  });

  it('is for our app alone, also where the challenge is for several [J13]', () => {
    expect(complete({ aud: ['app', 'other'] }).aud).toBe('app');
    const steps = [step(1, 'verify_sms'), step(2, 'verify_email')];
    expect(complete({ aud: ['other', 'app'], steps }).aud).toBe('app');
  });

  it('gives each token its own jti', () => {
    const jtis = Array.from({ length: 100 }, () => complete().jti);
    expect(new Set(jtis).size).toBe(100);
  });

  it('does not modify the challenge', () => {
    const challenge = challengeOf({ steps: [step(1, 'verify_sms')], amr: ['pwd'] });
    const before = structuredClone(challenge);
    completeStep(config, challenge, { amr: ['otp', 'sms'], now: NOW });
    expect(challenge).toEqual(before);
  });

  it.each<[string, ChallengeStep[], string, string[]]>([
    ['one step', [step(1, 'verify_sms')], 'completed', ['verify_sms']],
    [
      'the next in the list',
      [step(1, 'verify_sms'), step(2, 'verify_email')],
      'verify_email',
      ['verify_sms'],
    ],
    [
      'the next by order, not by index',
      [step(3, 'last'), step(1, 'verify_sms'), step(2, 'next')],
      'next',
      ['verify_sms'],
    ],
    [
      'one before it that is left',
      [step(1, 'first'), step(2, 'verify_sms')],
      'first',
      ['verify_sms'],
    ],
    [
      'past those that are done',
      [step(1, 'verify_sms'), step(2, 'x', { done: true }), step(3, 'y')],
      'y',
      ['verify_sms', 'x'],
    ],
    [
      'negative and broken orders',
      [step(0.5, 'half'), step(-1, 'minus'), step(1, 'verify_sms')],
      'minus',
      ['verify_sms'],
    ],
  ])('goes on to %s', (_, steps, next, done) => {
    const completed = complete({ steps });
    expect(completed.current_step).toBe(next);
    expect(completed.steps?.map(({ key }) => key)).toEqual(steps.map(({ key }) => key));
    const marked = completed.steps?.filter((each) => each.done).map(({ key }) => key) ?? [];
    expect(marked.toSorted()).toEqual(done.toSorted());
  });

  it('is completed when the challenge has no steps, and then has none either', () => {
    expect(complete().current_step).toBe('completed');
    expect(complete()).not.toHaveProperty('steps');
    expect(complete({ steps: [] }).current_step).toBe('completed');
  });

  it.each([
    [undefined, 300],
    [60, 60],
    [60.9, 60],
    [86_400, 86_400],
    [86_401, 86_400],
    [1e300, 86_400],
    [1, 1],
    [0, 1],
    [-5, 1],
    [0.1, 1],
  ])('for a next step of %s s gives the token %i s', (duration, life) => {
    const next = step(2, 'next', duration === undefined ? {} : { expiration_duration: duration });
    const completed = complete({ steps: [step(1, 'verify_sms'), next] });
    expect(completed.exp - completed.iat).toBe(life);
  });

  it('gives a completed token five minutes, whatever its steps had', () => {
    const completed = complete({ steps: [step(1, 'verify_sms', { expiration_duration: 9_000 })] });
    expect(completed.exp).toBe(SECONDS + 300);
  });

  it.each<[Channel, string[] | undefined, string[]]>([
    ['sms', undefined, ['otp', 'sms']],
    ['email', undefined, ['otp']],
    ['whatsapp', undefined, ['otp']],
    ['sms', ['pwd'], ['pwd', 'otp', 'sms']],
    ['email', ['otp', 'sms'], ['otp', 'sms']],
    ['sms', ['otp'], ['otp', 'sms']],
    ['sms', [], ['otp', 'sms']],
  ])('over %s after amr %j gives amr %j', (channel, amr, merged) => {
    expect(complete(amr === undefined ? {} : { amr }, channel).amr).toEqual(merged);
  });
});

describe('completeStandalone', () => {
  it.each([
    ['phone_number', '+33612345678', 'verify_sms', 'sms', ['otp', 'sms']],
    ['phone_number', '+33612345678', 'verify_sms', 'whatsapp', ['otp']],
    ['email_address', 'user@example.com', 'verify_email', 'email', ['otp']],
  ] as const)(
    'says that the %s %s was verified by %s over %s',
    (type, value, key, channel, amr) => {
      const identifier = { type, value };
      const claims = completeStandalone(
        config,
        { identifier },
        { amr: authenticationMethods(channel), now: NOW },
      );
      expect(claims).toMatchObject({
        iss: 'https://otp.example',
        aud: 'app',
        current_step: 'completed',
        grant_mode: 'session-start',
        identifier,
        amr,
        auth_time: SECONDS,
        iat: SECONDS,
        exp: SECONDS + 300,
      });
      expect(claims.steps).toEqual([
        { order: 1, key, expiration_duration: 300, done: true, identifier },
      ]);
      expect(claims.sub).toBeUndefined();
      expect(claims.sid).toBeUndefined();
      expect(claims.challenge_id).not.toBe(claims.jti);
    },
  );

  it('leaves out the country', () => {
    const noted = { type: 'phone_number', value: '+33612345678', country: 'FR' } as const;
    const claims = completeStandalone(
      config,
      { identifier: noted },
      { amr: ['otp', 'sms'], now: NOW },
    );
    expect(JSON.stringify(claims)).not.toContain('FR"');
  });
});

describe('createJti', () => {
  it('is 128 random bits', () => {
    const asked: number[] = [];
    const bytes = (size: number) => {
      asked.push(size);
      return Buffer.alloc(size, 0xff);
    };
    expect(createJti({ bytes, int: () => 0 })).toBe('_____________________w');
    expect(asked).toEqual([16]);
  });
});
