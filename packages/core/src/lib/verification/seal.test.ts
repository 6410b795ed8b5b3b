import { describe, expect, it } from 'vitest';
import { parseKeyring } from '../keys/keyring.js';
import { CRYPTO_RANDOMNESS } from '../util/randomness.js';
import {
  createVerificationToken,
  sealSecret,
  unsealSecret,
  type VerificationSecret,
  verificationId,
} from './seal.js';

const secretText = (byte: number) => Buffer.alloc(32, byte).toString('base64url');
const keyring = parseKeyring({
  active: 'k1',
  secrets: { k1: secretText(1), k2: secretText(2) },
  limits: secretText(9),
});
const random = CRYPTO_RANDOMNESS;
const token = createVerificationToken(random);
const appId = 'app';
const id = verificationId(appId, token);
const context = { id, appId, token, keyring };
const SECRET: VerificationSecret = {
  code: '012345',
  flow: 'standalone',
  identifier: { type: 'phone_number', value: '+33612345678' },
  channel: 'sms',
  loginConfigId: undefined,
  locale: 'en',
  decoy: false,
  binding: null,
};
const CORRUPT = { ok: false, why: 'corrupt' };
const RETIRED = { ok: false, why: 'retired' };

const seal = (secret = SECRET) => sealSecret(secret, { ...context, random });

describe('verification token and id', () => {
  it('makes 43 characters of base64url that never repeat', () => {
    const tokens = Array.from({ length: 1_000 }, () => createVerificationToken(random));
    for (const each of tokens) expect(each).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(new Set(tokens).size).toBe(1_000);
  });

  it('makes an id that is not the token and differs by app', () => {
    expect(id).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(id).not.toBe(token);
    expect(verificationId('other', token)).not.toBe(id);
    expect(verificationId(appId, createVerificationToken(random))).not.toBe(id);
  });
});

/** Written by the version that is deployed now: the next one has to find and open what this one has stored. */
describe('what is stored', () => {
  const constant = { ...random, bytes: (size: number) => Buffer.alloc(size, 7) };
  const fixed = createVerificationToken(constant);
  const fixedId = verificationId(appId, fixed);
  const fixedContext = { id: fixedId, appId, token: fixed, keyring };
  const STORED: readonly [string, VerificationSecret, string][] = [
    [
      'a plain one',
      SECRET,
      'AQJrMQcHBwcHBwcHBwcHB5RwYk6rFglzsMelDRziGoPj-QBqntzcUE0j8IWT4wjUxtvB5xsdAUe0b43P_JcnsUB2UMOxNb1-c5PuYSGo',
    ],
    [
      'one with everything',
      {
        code: '0123456789',
        flow: 'step-up',
        identifier: { type: 'email_address', value: 'ada@example.com' },
        channel: 'email',
        loginConfigId: 'login-1',
        locale: 'pt-BR',
        decoy: true,
        countedAt: 1_800_000_000,
        binding: 'name-of-a-challenge',
      },
      'AQJrMQcHBwcHBwcHBwcHB5RwYk6rFglzpNy_RxziGobj-QAkj8PIABtxhNXdtV2Ghpyc6QdSD0nzZMKCpaYrQquoJXQOOdY-Y9dfErr9joyo26RqwvXT5TxhY_TNUWC1gCYvYZfTWpK0dnIQoCJe9Q8C6DQES3LCFgudVcTNbJw5g9VkLQ',
    ],
  ];

  it('is found by the same name', () => {
    expect(fixed).toBe('BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc');
    expect(fixedId).toBe('0u3w1tw5MjjnmwrmVBEdrfEse9pQUqimB4IFHaWKAyI');
  });

  it.each(STORED)('%s is sealed to the same bytes, and opens', (_, secret, sealed) => {
    expect(sealSecret(secret, { ...fixedContext, random: constant })).toBe(sealed);
    expect(unsealSecret(sealed, fixedContext)).toEqual({ ok: true, secret });
  });
});

describe('sealSecret and unsealSecret', () => {
  it.each<Partial<VerificationSecret>>([
    {},
    { flow: 'step-up' },
    { decoy: true },
    { loginConfigId: 'login-1' },
    { loginConfigId: '' },
    { countedAt: 1_800_000_000 },
    { binding: 'name' },
    { binding: 'name', loginConfigId: 'login-1' },
    { channel: 'whatsapp', code: '0000000000' },
    {
      identifier: { type: 'email_address', value: '"\\é@x.com' },
      channel: 'email',
      locale: 'pt-BR',
    },
  ])('gives back what was sealed: %j', (changes) => {
    const secret = { ...SECRET, ...changes };
    expect(unsealSecret(seal(secret), context)).toEqual({ ok: true, secret });
  });

  it('shows nothing of what it holds (S09)', () => {
    const sealed = seal();
    const bytes = Buffer.from(sealed, 'base64url').toString('latin1');
    for (const canary of ['012345', '33612345678', 'sms', token, id]) {
      expect(sealed).not.toContain(canary);
      expect(bytes).not.toContain(canary);
    }
  });

  it('never seals alike twice', () => {
    expect(new Set(Array.from({ length: 100 }, () => seal())).size).toBe(100);
  });

  const other = createVerificationToken(random);
  it.each([
    ['another id', { id: verificationId(appId, other) }],
    ['another app', { appId: 'other' }],
    ['another token', { token: other }],
    ['another app, with its id', { appId: 'other', id: verificationId('other', token) }],
    ['another token, with its id', { token: other, id: verificationId(appId, other) }],
  ])('is corrupt for %s', (_, changes) => {
    expect(unsealSecret(seal(), { ...context, ...changes })).toEqual(CORRUPT);
  });

  it('is corrupt under the name of another key of ours', () => {
    expect(unsealSecret(withKid(seal(), 'k2'), context)).toEqual(CORRUPT);
  });

  it('is corrupt when the secret of its key is another one', () => {
    const replaced = parseKeyring({
      active: 'k1',
      secrets: { k1: secretText(3) },
      limits: secretText(9),
    });
    expect(unsealSecret(seal(), { ...context, keyring: replaced })).toEqual(CORRUPT);
  });

  it('opens after rotation while its key is known, and is retired without [S08]', () => {
    const sealed = seal();
    const options = { active: 'k2', limits: secretText(9) };
    const rotated = parseKeyring({
      ...options,
      secrets: { k1: secretText(1), k2: secretText(2) },
    });
    const retired = parseKeyring({ ...options, secrets: { k2: secretText(2) } });
    expect(unsealSecret(sealed, { ...context, keyring: rotated })).toMatchObject({ ok: true });
    expect(unsealSecret(sealed, { ...context, keyring: retired })).toEqual(RETIRED);
  });

  it('cannot be opened with any one bit flipped [S07]', () => {
    const bytes = Buffer.from(seal(), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const unsealed = unsealSecret(changed.toString('base64url'), context);
      // A bit of the key id may make it one that we do not know.
      const isKid = bit >= 8 && bit < 4 * 8;
      if (isKid) expect(unsealed.ok, `bit ${bit}`).toBe(false);
      else expect(unsealed, `bit ${bit}`).toEqual(CORRUPT);
    }
  });

  it('cannot be opened when cut or prolonged anywhere [S07]', () => {
    const bytes = Buffer.from(seal(), 'base64url');
    for (let length = 0; length < bytes.length; length += 1) {
      const cut = bytes.subarray(0, length).toString('base64url');
      expect(unsealSecret(cut, context), `${length}`).toEqual(CORRUPT);
    }
    const longer = Buffer.concat([bytes, Buffer.alloc(1)]).toString('base64url');
    expect(unsealSecret(longer, context)).toEqual(CORRUPT);
  });

  it.each(['', '.', 'null', '{}', 'AQ', 'AQI', '!!!!', '🎉', 'A'.repeat(200), '_'.repeat(200)])(
    'is corrupt: %j [S07]',
    (text) => {
      expect(unsealSecret(text, context)).toEqual(CORRUPT);
    },
  );

  it.each(['', 'k3', '__proto__', 'toString', 'k'.repeat(32)])(
    'is retired under the unknown key id %j',
    (kid) => {
      expect(unsealSecret(withKid(seal(), kid), context)).toEqual(RETIRED);
    },
  );

  it('seals under a key id of 32 characters', () => {
    const kid = 'k'.repeat(32);
    const long = parseKeyring({
      active: kid,
      secrets: { [kid]: secretText(1) },
      limits: secretText(9),
    });
    const sealed = sealSecret(SECRET, { ...context, keyring: long, random });
    expect(unsealSecret(sealed, { ...context, keyring: long })).toMatchObject({ ok: true });
  });
});

/** Version, length of the key id, key id `k1`, and the rest: the same under another name of the key. */
function withKid(sealed: string, kid: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const head = [bytes.subarray(0, 1), Buffer.from([kid.length]), Buffer.from(kid)];
  return Buffer.concat([...head, bytes.subarray(4)]).toString('base64url');
}
