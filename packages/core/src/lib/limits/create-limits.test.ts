import { createHash, createHmac, randomBytes } from 'node:crypto';
import { serviceOptions } from '@otp/test/service-options';
import { describe, expect, it } from 'vitest';
import { type Challenge, challengeName } from '../challenge/challenge.js';
import type { OtpConfig } from '../config.js';
import type { NormalizedIdentifier } from '../identifier/identifier.js';
import type { Flow, Identifier, Limit } from '../ports.js';
import { resolveOptions } from '../resolve-options.js';
import { failureLimits, guessLimits } from './check-limits.js';
import { addressBucket } from './client-address.js';
import { blocksOf, conversionGroups } from './conversion-guard.js';
import { appReserve, clientLimits, messageLimits } from './create-limits.js';
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
interface Created {
  readonly identifier: Identifier;
  readonly clientAddress: string | undefined;
  readonly challenge: Challenge | undefined;
  readonly blocks: readonly Limit[];
}

/** All limits of a create, in the order in which they refuse. */
function createLimits(of: OtpConfig, { clientAddress, ...more }: Created): Limit[] {
  const input = { ...more, bucket: addressBucket(clientAddress), namesRecipient: false };
  return [...clientLimits(of, input), ...messageLimits(of, input)];
}

const create = (flow: Flow, identifier = PHONE, clientAddress: string | undefined = ADDRESS) =>
  createLimits(config, {
    identifier,
    clientAddress,
    challenge: flow === 'step-up' ? challenge : undefined,
    blocks: [],
  });
const keysOf = (limits: readonly { key: string; name: string }[], name: string) =>
  limits.filter((limit) => limit.name === name).map(({ key }) => key);

describe('the limits of a create', () => {
  const shown = (limits: readonly Limit[]) =>
    limits.map(({ name, share, windows, cost = 1 }) => [
      share === undefined ? name : `${name} (share)`,
      cost,
      ...windows.map(({ max, windowSeconds }) => `${max} in ${windowSeconds} s`),
    ]);

  it('standalone: client address, the share of its network, recipient, prefix [R13]', () => {
    expect(shown(create('standalone'))).toEqual([
      ['client_address', 1, '30 in 600 s', '100 in 3600 s'],
      ['recipient_share (share)', 1, '3 in 3600 s', '6 in 86400 s'],
      ['recipient', 1, '9 in 3600 s', '18 in 86400 s'],
      ['number_prefix_share (share)', 1, '10 in 3600 s'],
      ['number_prefix', 1, '30 in 3600 s'],
    ]);
  });

  it('step-up: whether the token was used, its budgets, client address, user, recipient', () => {
    expect(shown(create('step-up'))).toEqual([
      ['token_used', 0, '1 in 630 s'],
      ['challenge', 0, '5 in 630 s'],
      ['challenge', 1, '5 in 630 s'],
      ['user', 0, '20 in 86400 s'],
      ['client_address', 1, '30 in 600 s', '100 in 3600 s'],
      ['consecutive_failures', 0, '100 in 31536000 s'],
      ['consecutive_failures (share)', 0, '100 in 31536000 s'],
      ['recipient', 1, '5 in 3600 s', '10 in 86400 s'],
    ]);
  });

  it('without a client address: no shares, and the gaps are those of the recipient [R12]', () => {
    const limits = createLimits(config, {
      identifier: PHONE,
      clientAddress: undefined,
      challenge: undefined,
      blocks: [],
    });
    expect(shown(limits).map(([name]) => name)).toEqual([
      'client_address',
      'recipient',
      'number_prefix',
    ]);
    expect(limits.find(({ name }) => name === 'recipient')?.gapsSeconds).toEqual([
      30, 60, 120, 240,
    ]);
  });

  it('of the app: both flows share four fifths of a common budget, the rest is for step-ups [R13]', () => {
    const windows = [{ max: 20, windowSeconds: 3600 }];
    const own = [{ max: 7, windowSeconds: 60 }];
    const budgeted = resolveOptions(
      { ...options, limits: { app: windows, stepUp: { app: own } } },
      new Set(),
    );
    const of = (each: Challenge | undefined) =>
      shown(
        createLimits(budgeted, {
          identifier: MAIL,
          clientAddress: ADDRESS,
          challenge: each,
          blocks: [],
        }),
      ).filter(([name]) => String(name).startsWith('app'));
    expect(of(undefined)).toEqual([['app', 1, '16 in 3600 s']]);
    expect(of(challenge)).toEqual([
      ['app', 1, '7 in 60 s'],
      ['app', 1, '16 in 3600 s'],
    ]);
    const reserve = appReserve(budgeted);
    expect(shown(reserve === undefined ? [] : [reserve])).toEqual([['app', 1, '4 in 3600 s']]);
    expect(appReserve(config)).toBeUndefined();
  });

  it('block a standalone recipient over the cap for a day if the host has chosen so [R11]', () => {
    const blocking = resolveOptions(
      { ...options, limits: { standaloneOverCap: 'block' } },
      new Set(),
    );
    const input = { identifier: MAIL, bucket: ADDRESS, challenge: undefined, blocks: [] };
    const cap = messageLimits(blocking, input).find(({ name }) => name === 'consecutive_failures');
    expect([cap?.cost, cap?.gapsSeconds?.[98], cap?.gapsSeconds?.[99]]).toEqual([0, 0, 86_400]);
  });

  it('has the growing gaps between creates for one recipient once [R08]', () => {
    const gaps = create('standalone').flatMap(({ gapsSeconds }) => gapsSeconds ?? []);
    expect(gaps).toEqual([30, 60, 120, 240]);
  });

  it('has no two limits with one key and share', () => {
    const names = create('step-up').map(({ key, share }) => JSON.stringify([key, share]));
    expect(new Set(names).size).toBe(names.length);
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

  it('differ by flow for one recipient and one client address [R11, R13]', () => {
    const [one, two] = [create('standalone'), create('step-up')];
    const keys = two.map(({ key }) => key);
    expect(one.filter(({ key }) => keys.includes(key))).toEqual([]);
  });

  it('name the share of a network otherwise for each recipient', () => {
    const shares = [PHONE, MAIL].map(
      (identifier) => create('standalone', identifier).find(({ share }) => share)?.share,
    );
    expect(new Set(shares).size).toBe(2);
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
    const user = name('otp/user/v1', 'app', iss, sub);
    const withRecipient = name('otp/user-recipient/v1', 'app', user, PHONE.type, PHONE.value);
    const all = create('step-up');
    expect(all.map(({ key, share }) => (share === undefined ? key : [key, share]))).toEqual([
      `t:${token}`,
      `w:${token}`,
      `c:${token}`,
      user,
      name('otp/address/v1', 'app', 'step-up', ADDRESS),
      `f:${user}`,
      [`f:${user}`, withRecipient],
      recipient,
    ]);
    const standalone = name('otp/recipient/v1', 'app', 'standalone', PHONE.type, PHONE.value);
    expect(create('standalone')[1]).toMatchObject({
      key: standalone,
      share: name('otp/network/v1', 'app', standalone, ADDRESS),
    });
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
      'client_address',
      'client_network',
      'recipient_share',
      'recipient',
      'number_prefix_share',
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
    expect(own?.filter((key) => other?.includes(key))).toEqual([]);
  });
});
