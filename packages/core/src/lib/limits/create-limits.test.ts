import { createHash, createHmac, randomBytes } from 'node:crypto';
import { serviceOptions } from '@otp/test/service-options';
import { describe, expect, it } from 'vitest';
import { type Challenge, challengeName } from '../challenge/challenge.js';
import type { OtpConfig } from '../config.js';
import type { NormalizedIdentifier } from '../identifier/identifier.js';
import type { Flow, Identifier } from '../ports.js';
import { resolveOptions } from '../resolve-options.js';
import { failureLimits, guessLimits } from './check-limits.js';
import { blocksOf, conversionGroups } from './conversion-guard.js';
import { createLimits } from './create-limits.js';
import { keysOfRecipient } from './limit-keys.js';

const PHONE: Identifier = { type: 'phone_number', value: '+33612345678' };
const MAIL: Identifier = { type: 'email_address', value: 'canary.person@example.com' };
const ADDRESS = '203.0.113.77';

const options = serviceOptions();
const config: OtpConfig = resolveOptions(options, new Set());
const lifted = resolveOptions({ ...options, dangerouslyDisableLimits: true }, new Set());

function challengeOf(jti: string, sub = 'canary-user'): Challenge {
  const claims = {
    iss: 'https://issuer.example',
    aud: 'app',
    sub,
    iat: 1,
    exp: 2,
    jti,
    challenge_id: 'c',
    current_step: 'verify_sms',
  };
  const name = challengeName(config, claims);
  return { claims, step: 'verify_sms', recipient: undefined, name, secondsToRemember: 630 };
}

const challenge = challengeOf('canary-jti-000001');
const create = (flow: Flow, identifier = PHONE, clientAddress: string | undefined = ADDRESS) =>
  createLimits(config, {
    identifier,
    clientAddress,
    challenge: flow === 'step-up' ? challenge : undefined,
    blocks: [],
  });
const keysOf = (limits: readonly { key: string; name: string }[], name: string) =>
  limits.filter((limit) => limit.name === name).map(({ key }) => key);

describe('createLimits', () => {
  it('standalone: charges recipient and client address, and checks failures in a row', () => {
    const limits = create('standalone').map(({ name, windows, cost = 1 }) => ({
      name,
      windows,
      cost,
    }));
    const YEAR = 365 * 86_400;
    expect(limits).toEqual([
      { name: 'consecutive_failures', windows: [{ max: 100, windowSeconds: YEAR }], cost: 0 },
      {
        name: 'recipient',
        windows: [
          { max: 5, windowSeconds: 3600 },
          { max: 10, windowSeconds: 86_400 },
        ],
        cost: 1,
      },
      {
        name: 'client_address',
        windows: [
          { max: 30, windowSeconds: 600 },
          { max: 100, windowSeconds: 3600 },
        ],
        cost: 1,
      },
      { name: 'number_prefix', windows: [{ max: 30, windowSeconds: 3600 }], cost: 1 },
    ]);
  });

  it('step-up: checks whether the token was used, then its budgets', () => {
    const limits = create('step-up')
      .slice(0, 4)
      .map(({ name, windows, cost = 1 }) => ({ name, max: windows[0]?.max, cost }));
    expect(limits).toEqual([
      { name: 'token_used', max: 1, cost: 0 },
      { name: 'challenge', max: 5, cost: 0 },
      { name: 'challenge', max: 5, cost: 1 },
      { name: 'user', max: 20, cost: 0 },
    ]);
  });

  it('has the growing gaps between creates for one recipient once [R08]', () => {
    const gaps = create('standalone').flatMap(({ gapsSeconds }) => gapsSeconds ?? []);
    expect(gaps).toEqual([30, 60, 120, 240]);
  });

  it('has no two limits with one key', () => {
    const keys = create('step-up').map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('keeps the limits of a challenge when the others are lifted', () => {
    const input = { identifier: PHONE, clientAddress: ADDRESS, blocks: [] };
    expect(createLimits(lifted, { ...input, challenge: undefined })).toEqual([]);
    const kept = createLimits(lifted, { ...input, challenge });
    expect(kept.map(({ name }) => name)).toEqual(['token_used', 'challenge', 'challenge']);
    expect(guessLimits(lifted, challenge).map(({ name }) => name)).toEqual(['challenge']);
    expect(failureLimits(lifted, { identifier: PHONE, challenge })).toEqual([]);
  });
});

describe('keys of limits', () => {
  it('contain no recipient, address, user or token in clear [P01]', () => {
    const limits = [
      ...create('standalone'),
      ...create('step-up'),
      ...create('standalone', MAIL),
      ...guessLimits(config, challenge),
      ...failureLimits(config, { identifier: MAIL, challenge }),
    ];
    const text = JSON.stringify([
      limits,
      keysOfRecipient(config, MAIL),
      keysOfRecipient(config, PHONE),
    ]);
    expect(text).not.toMatch(/canary|3361|example\.com|203\.0|issuer/);
    expect(text).not.toContain(Buffer.from(MAIL.value).toString('base64url').slice(0, 12));
  });

  it('differ by flow for one recipient [R11]', () => {
    for (const name of ['recipient', 'consecutive_failures']) {
      const [one, two] = [keysOf(create('standalone'), name), keysOf(create('step-up'), name)];
      expect(one.length).toBeGreaterThan(0);
      expect(one.filter((key) => two.includes(key))).toEqual([]);
    }
  });

  it('are shared by both flows for one client address', () => {
    const name = 'client_address';
    expect(keysOf(create('standalone'), name)).toEqual(keysOf(create('step-up'), name));
  });

  it.each([
    ['recipient', { type: 'phone_number', value: '+33612345679' }, ADDRESS],
    ['recipient', MAIL, ADDRESS],
    ['client_address', PHONE, '203.0.113.78'],
  ] as const)('differ by %s', (name, identifier, address) => {
    const own = keysOf(create('standalone'), name);
    const others = keysOf(create('standalone', identifier, address), name);
    expect(others.filter((key) => own.includes(key))).toEqual([]);
  });

  it('are derived as documented: another release must not forget used tokens and failures', () => {
    const secret = Buffer.from(options.keyring.limits, 'base64url');
    const prefixed = (parts: string[]) => parts.map((part) => `${part.length}:${part}`).join('');
    const name = (...parts: string[]) =>
      createHmac('sha256', secret).update(prefixed(parts)).digest('base64url');
    const { iss, sub, jti } = challenge.claims;
    // Without the secret, so that no rotation makes a used token unused.
    const token = createHash('sha256')
      .update(prefixed(['otp/token/v1', 'app', iss, jti]))
      .digest('base64url');
    const recipient = name('otp/recipient/v1', 'app', 'step-up', PHONE.type, PHONE.value);
    expect(create('step-up').map(({ key }) => key)).toEqual([
      `t:${token}`,
      `w:${token}`,
      `c:${token}`,
      name('otp/user/v1', 'app', iss, sub),
      `f:${recipient}`,
      recipient,
      name('otp/address/v1', 'app', ADDRESS),
    ]);
  });

  it('are the same for all tags of an address [I05]', () => {
    const tagged = { type: 'email_address', value: 'canary.person+7@example.com' } as const;
    expect(create('standalone', tagged)).toEqual(create('standalone', MAIL));
  });

  it('are the same for a /64, and for all clients without an address [R12]', () => {
    const of = (address: string | undefined) =>
      createLimits(config, {
        identifier: PHONE,
        clientAddress: address,
        challenge: undefined,
        blocks: [],
      });
    expect(of('2001:db8::1')).toEqual(of('[2001:DB8::ffff]:443'));
    expect(of('2001:db8::1')).not.toEqual(of('2001:db8:0:1::1'));
    expect(keysOf(of(undefined), 'client_address')).toHaveLength(1);
    expect(of(undefined)).toEqual(of('garbage'));
  });

  it('identify a token by iss and jti, and a user by iss and sub [J08]', () => {
    const names = (each: Challenge) =>
      createLimits(config, {
        identifier: PHONE,
        clientAddress: ADDRESS,
        challenge: each,
        blocks: [],
      });
    const other = challengeOf('another-jti-0002');
    for (const name of ['token_used', 'challenge']) {
      const own = keysOf(names(challenge), name);
      expect(keysOf(names(other), name).filter((key) => own.includes(key))).toEqual([]);
    }
    expect(keysOf(names(challenge), 'user')).toEqual(keysOf(names(other), 'user'));
    const somebody = challengeOf('canary-jti-000001', 'somebody');
    expect(keysOf(names(challenge), 'user')).not.toEqual(keysOf(names(somebody), 'user'));
  });

  it('differ by app and by secret, and survive a rotation of the sealing keys', () => {
    const keys = (changes: Partial<typeof options>) => {
      const changed = resolveOptions({ ...options, ...changes }, new Set());
      return createLimits(changed, {
        identifier: PHONE,
        clientAddress: ADDRESS,
        challenge: undefined,
        blocks: [],
      }).map(({ key }) => key);
    };
    const own = keys({});
    const secret = () => randomBytes(32).toString('base64url');
    const { limits } = options.keyring;
    expect(keys({ keyring: { active: 'new', secrets: { new: secret() }, limits } })).toEqual(own);
    const disjoint = (others: string[]) => others.every((key) => !own.includes(key));
    expect(disjoint(keys({ appId: 'other' }))).toBe(true);
    expect(disjoint(keys({ keyring: { ...options.keyring, limits: secret() } }))).toBe(true);
  });
});

describe('names and keys of limits', () => {
  const NUMBER: NormalizedIdentifier = { ...PHONE, country: 'FR' };
  const appWindows = [{ max: 1_000, windowSeconds: 3_600 }];
  const budgeted = (appId: string) =>
    resolveOptions({ ...options, appId, limits: { app: appWindows } }, new Set());
  const input = {
    identifier: NUMBER,
    clientAddress: '2001:db8::1',
    challenge: undefined,
    blocks: blocksOf(conversionGroups(config, { flow: 'standalone', identifier: NUMBER, now: 0 })),
  } as const;

  it('name every limit of a standalone create, in the order in which they refuse', () => {
    expect(createLimits(budgeted('app'), input).map(({ name }) => name)).toEqual([
      'consecutive_failures',
      'recipient',
      'client_address',
      'client_network',
      'number_prefix',
      'conversion',
      'app',
    ]);
  });

  it('differ by app, even in a store that apps share', () => {
    const [own, other] = ['app', 'other'].map((appId) =>
      keysOf(createLimits(budgeted(appId), input), 'app'),
    );
    expect(own).toHaveLength(1);
    expect(own).not.toEqual(other);
  });
});
