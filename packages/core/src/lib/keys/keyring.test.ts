import { describe, expect, it } from 'vitest';
import { generateKeys } from './generate-keys.js';
import { type KeyringOptions, parseKeyring } from './keyring.js';

const secret = (byte: number, length = 32) => Buffer.alloc(length, byte).toString('base64url');
const VALID: KeyringOptions = { active: 'k1', secrets: { k1: secret(1) }, limits: secret(9) };

describe('parseKeyring', () => {
  it('keeps every secret and knows the active one', () => {
    const keyring = parseKeyring({
      active: 'new',
      secrets: { old: secret(1), new: secret(2, 64) },
      limits: secret(9),
    });
    expect([...keyring.secrets.keys()]).toEqual(['old', 'new']);
    expect(keyring.active.kid).toBe('new');
    expect(keyring.active.secret).toBe(secret(2, 64));
    expect(keyring.limits).toBe(secret(9));
  });

  it('accepts what generateKeys makes', () => {
    expect(() => parseKeyring(generateKeys().keyring)).not.toThrow();
  });

  it.each([
    [undefined, /^keyring must be \{ active, secrets/],
    [null, /^keyring must be/],
    ['text', /^keyring must be/],
    [{ ...VALID, secrets: undefined }, /^keyring must be/],
    [{ ...VALID, secrets: {} }, /^keyring\.active must be one of/],
    [{ ...VALID, secrets: null }, /^keyring\.active must be one of|^keyring must be/],
    [{ ...VALID, active: 'k2' }, /^keyring\.active must be one of/],
    [{ ...VALID, active: undefined }, /^keyring\.active must be one of/],
    [{ ...VALID, active: 'toString' }, /^keyring\.active must be one of/],
    [{ ...VALID, secrets: { 'k.1': secret(1) } }, /key id must be 1 to 32/],
    [{ ...VALID, secrets: { '': secret(1) } }, /key id must be 1 to 32/],
    [{ ...VALID, secrets: { ['k'.repeat(33)]: secret(1) } }, /key id must be 1 to 32/],
    [{ ...VALID, secrets: { k1: secret(1, 31) } }, /^keyring\.secrets\.k1 must be at least 32/],
    [{ ...VALID, secrets: { k1: '' } }, /^keyring\.secrets\.k1 must be at least 32/],
    [{ ...VALID, secrets: { k1: 42 } }, /^keyring\.secrets\.k1 must be at least 32/],
    [{ ...VALID, secrets: { k1: Buffer.alloc(32) } }, /^keyring\.secrets\.k1 must be at least 32/],
    [{ ...VALID, secrets: { k1: `${'+/'.repeat(22)}=` } }, /^keyring\.secrets\.k1 must be/],
    [{ ...VALID, secrets: { k1: `${secret(1)}\n` } }, /^keyring\.secrets\.k1 must be/],
    [{ ...VALID, limits: undefined }, /^keyring\.limits must be at least 32/],
    [{ ...VALID, limits: secret(9, 16) }, /^keyring\.limits must be at least 32/],
    [{ ...VALID, limits: secret(1) }, /^keyring\.limits must be a secret of its own/],
  ])('refuses %j with a TypeError that says what to write', (options, message) => {
    const parse = () => parseKeyring(options as unknown as KeyringOptions);
    expect(parse).toThrow(TypeError);
    expect(parse).toThrow(message);
  });

  it('never repeats a secret in what it says', () => {
    const canary = `${secret(7, 31)}!`;
    const options = { ...VALID, secrets: { k1: canary } };
    expect(() => parseKeyring(options)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining(canary) }),
    );
  });
});
