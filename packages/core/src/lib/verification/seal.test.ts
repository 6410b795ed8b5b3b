import { describe, expect, it } from 'vitest';
import { parseKeyring } from '../keys/keyring.js';
import { NODE_RANDOMNESS } from '../keys/randomness.js';
import { type SealedSecret, sealSecret, unsealSecret } from './seal.js';
import { createVerificationToken, verificationId } from './verification-token.js';

/** 32 different bytes. */
const secretText = (first: number) =>
  Buffer.from(Array.from({ length: 32 }, (_, index) => first + index)).toString('base64url');
const keyring = parseKeyring({
  active: 'k1',
  secrets: { k1: secretText(1), k2: secretText(2) },
  limits: secretText(9),
});
const random = NODE_RANDOMNESS;
const token = createVerificationToken(random);
const appId = 'app';
const id = verificationId(appId, token);
const context = { id, appId, token, keyring };
const SECRET: SealedSecret = {
  code: '012345',
  isFixed: false,
  flow: 'standalone',
  identifier: { type: 'phone_number', value: '+33612345678', country: 'FR' },
  channel: 'sms',
  locale: 'en',
  decoy: false,
  bucket: '203.0.113.7',
  challenge: null,
  expiresAt: 1_800_000_600_000,
};
const CORRUPT = { ok: false, why: 'corrupt' };
const RETIRED = { ok: false, why: 'retired' };

const seal = (secret = SECRET) => sealSecret(secret, { ...context, random });

describe('verification token and id', () => {
  it('are a token of 43 base64url characters that never repeats', () => {
    const tokens = Array.from({ length: 1_000 }, () => createVerificationToken(random));
    for (const each of tokens) expect(each).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(new Set(tokens).size).toBe(1_000);
  });

  it('are an id that is not the token and differs by app', () => {
    expect(id).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(id).not.toBe(token);
    expect(verificationId('other', token)).not.toBe(id);
    expect(verificationId(appId, createVerificationToken(random))).not.toBe(id);
  });
});

/** A later version must find and open what an earlier one has stored. */
describe('a stored verification', () => {
  const constant = { ...random, bytes: (size: number) => Buffer.alloc(size, 7) };
  const fixed = createVerificationToken(constant);
  const fixedId = verificationId(appId, fixed);
  const fixedContext = { id: fixedId, appId, token: fixed, keyring };
  const STORED: readonly [string, SealedSecret, string][] = [
    [
      'a standalone one',
      SECRET,
      'AQJrMQcHBwcHBwcHBwcHBxzJ5k5d1MM68My2IXrqPn1vF_5NT0SAqrZJtN-oMA-gMNOjkBsh4LJ9zGyBIbktS7J0wtS_u_5fzQ7ahfxWpsv4gjNOoIIj1TKOHQdpCIwKng-5snu3psJ2G6uNvPa9nr00axaatk-KhaSlWT-TYLCigp2P5jVT64ZjeAUYfQcL-A6HgwQu0PIYhXU-FlNlGJBstbnmIk7m2AO7cj7nqLusMYBgJK2oYSy1WN9rhskLOPeSMgko_PUz1zKvNUj0nxwBN-E9BGqmRhjLMgloTH4-o5oFAjI53gmJPYxGIbPUktcGxuRgWl-LTgaDIJD-dsxh9XI2Y8jxw1yn8crO',
    ],
    [
      'a step-up with every member',
      {
        code: '0123456789',
        isFixed: true,
        flow: 'step-up',
        identifier: { type: 'email_address', value: 'ada@example.com' },
        channel: 'email',
        loginConfigId: 'login-1',
        locale: 'pt-BR',
        decoy: true,
        bucket: '2001:db8:0:1::/64',
        countedAt: 1_800_000_000,
        challenge: 'name-of-a-challenge',
        expiresAt: 1_800_000_600_000,
      },
      'AQJrMQcHBwcHBwcHBwcHBxzJ5k5d1MM68My2IXrqPml0Da4cJQ-RvJQC9tytfkaxboSg0FYwruconSLCPKkpV_Bv19S_u_5fzQ7ahfxWpsv4gjNOoIIj1TKOHRJsBosDngCou2u3p5N4Ff-ase-t2aUsYkTN4T7dzvH9H2TObP_vjNCHpGNC-sU3NCYmfUAFvwCOiwZimbxW0DAkFWMoWtRpvZPjbBHmjk65dXLmu_3lcIN2ZfaiZWL8H4M9yf46cb7EdFZpobwiw3bzcRzrk0lWeKg7GCnwCE-VZV1wEnJz9cYTEW17gVbPetMlNv6bzZtTkpUkSFOKRgaDIN02iEvFtEUYC3pdFVFU0wgePTHTskRsRnJWs5WD7HzNus5o96ZIi5he7hLon6FrDX7fRqtd7LxjKKgqoUzemyq_xJhzLCEurJG0QraissYjjY_X',
    ],
  ];

  it('has the same id in every version', () => {
    expect(fixed).toBe('BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc');
    expect(fixedId).toBe('0u3w1tw5MjjnmwrmVBEdrfEse9pQUqimB4IFHaWKAyI');
  });

  it.each(STORED)(
    '%s is sealed to the same bytes in every version, and opens',
    (_, secret, sealed) => {
      expect(sealSecret(secret, { ...fixedContext, random: constant })).toBe(sealed);
      expect(unsealSecret(sealed, fixedContext)).toEqual({ ok: true, secret });
    },
  );
});

describe('sealSecret and unsealSecret', () => {
  it.each<Partial<SealedSecret>>([
    {},
    { flow: 'step-up' },
    { decoy: true },
    { loginConfigId: 'login-1' },
    { loginConfigId: '' },
    { countedAt: 1_800_000_000 },
    { challenge: 'name' },
    { isFixed: true },
    { channel: 'whatsapp', code: '0000000000' },
    {
      identifier: { type: 'email_address', value: '"\\é@x.com' },
      channel: 'email',
      locale: 'pt-BR',
    },
  ])('returns the sealed secret: %j', (changes) => {
    const secret = { ...SECRET, ...changes };
    expect(unsealSecret(seal(secret), context)).toEqual({ ok: true, secret });
  });

  it('shows nothing of its content [S09]', () => {
    const sealed = seal();
    const bytes = Buffer.from(sealed, 'base64url').toString('latin1');
    for (const canary of ['012345', '33612345678', 'sms', token, id]) {
      expect(sealed).not.toContain(canary);
      expect(bytes).not.toContain(canary);
    }
  });

  it('seals the same secret differently each time', () => {
    expect(new Set(Array.from({ length: 100 }, () => seal())).size).toBe(100);
  });

  it('is as long for a decoy as for any other verification', () => {
    expect(seal({ ...SECRET, decoy: true })).toHaveLength(seal().length);
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

  it('is corrupt under the id of another of our keys', () => {
    expect(unsealSecret(withKid(seal(), 'k2'), context)).toEqual(CORRUPT);
  });

  it('is corrupt when its key id has another secret', () => {
    const replaced = parseKeyring({
      active: 'k1',
      secrets: { k1: secretText(3) },
      limits: secretText(9),
    });
    expect(unsealSecret(seal(), { ...context, keyring: replaced })).toEqual(CORRUPT);
  });

  it('opens after a rotation while the keyring has its key, and is retired without it [S08]', () => {
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

  it('cannot be opened when it is cut anywhere or extended [S07]', () => {
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
