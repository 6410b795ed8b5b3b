import { describe, expect, it } from 'vitest';
import { generateKeys } from './generate-keys.js';
import { type KeyringOptions, parseKeyring } from './keyring.js';

/** Different bytes, so that they pass for random ones. */
const bytes = (first: number, length = 32) =>
  Buffer.from(Array.from({ length }, (_, index) => first + index));
const secret = (first: number, length = 32) => bytes(first, length).toString('base64url');
const VALID: KeyringOptions = { active: 'k1', secrets: { k1: secret(1) }, limits: secret(9) };

describe('parseKeyring', () => {
  it('decodes every secret, the active one and that of the limits', () => {
    const keyring = parseKeyring({
      active: 'new',
      secrets: { old: secret(1), new: secret(2, 64) },
      limits: secret(9),
    });
    expect([...keyring.secrets.keys()]).toEqual(['old', 'new']);
    expect(keyring.active.kid).toBe('new');
    expect(keyring.active.secret).toEqual(bytes(2, 64));
    expect(keyring.limits).toEqual(bytes(9));
  });

  it('accepts the result of generateKeys', () => {
    expect(() => parseKeyring(generateKeys().keyring)).not.toThrow();
  });

  it('reads secrets in base64url, base64 and hex', () => {
    const { secrets } = parseKeyring({
      active: 'url',
      secrets: {
        url: bytes(230).toString('base64url'),
        base64: bytes(230).toString('base64'),
        hex: bytes(230).toString('hex').toUpperCase(),
      },
      limits: secret(9),
    });
    for (const each of secrets.values()) expect(each).toEqual(bytes(230));
  });

  const RANDOM_RULE = 'must be random: it has fewer than 16 different bytes';
  const SECRET_RULE = 'must be at least 32 random bytes in base64url, base64 or hex; `npx';
  it.each([
    [undefined, 'keyring must be an object.'],
    [null, 'keyring must be an object.'],
    ['{}', 'keyring must be an object; received a string: pass JSON.parse(value).'],
    [
      { ...VALID, secrets: undefined },
      'keyring.secrets must be { [kid]: secret }, each key id 1 to 32',
    ],
    [{ ...VALID, secrets: null }, 'keyring.secrets must be { [kid]: secret }, each key id 1 to 32'],
    [{ ...VALID, secrets: {} }, 'keyring.active must be one of the key ids in keyring.secrets.'],
    [{ ...VALID, active: 'k2' }, 'keyring.active must be one of the key ids in keyring.secrets.'],
    [{ ...VALID, active: undefined }, 'keyring.active must be one of the key ids'],
    [{ ...VALID, active: 'toString' }, 'keyring.active must be one of the key ids'],
    [
      { ...VALID, secrets: { 'k.1': secret(1) } },
      'keyring.secrets must be { [kid]: secret }, each key id 1 to 32',
    ],
    [
      { ...VALID, secrets: { '': secret(1) } },
      'keyring.secrets must be { [kid]: secret }, each key id 1 to 32',
    ],
    [
      { ...VALID, secrets: { ['k'.repeat(33)]: secret(1) } },
      'keyring.secrets must be { [kid]: secret }, each key id 1 to 32',
    ],
    [{ ...VALID, secrets: { k1: secret(1, 31) } }, `keyring.secrets.k1 ${SECRET_RULE}`],
    [{ ...VALID, secrets: { k1: '' } }, `keyring.secrets.k1 ${SECRET_RULE}`],
    [{ ...VALID, secrets: { k1: 42 } }, `keyring.secrets.k1 ${SECRET_RULE}`],
    [{ ...VALID, secrets: { k1: bytes(1) } }, `keyring.secrets.k1 ${SECRET_RULE}`],
    [
      { ...VALID, secrets: { k1: Buffer.alloc(32, 7).toString('base64url') } },
      `keyring.secrets.k1 ${RANDOM_RULE}`,
    ],
    [
      { ...VALID, secrets: { k1: secret(1), old: '07'.repeat(64) } },
      `keyring.secrets.old ${RANDOM_RULE}`,
    ],
    [{ ...VALID, limits: 'AAAA'.repeat(16) }, `keyring.limits ${RANDOM_RULE}`],
    [{ ...VALID, limits: undefined }, `keyring.limits ${SECRET_RULE}`],
    [{ ...VALID, limits: secret(9, 16) }, `keyring.limits ${SECRET_RULE}`],
    [{ ...VALID, limits: secret(1) }, 'keyring.limits must be a secret of its own'],
    [{ ...VALID, limits: bytes(1).toString('hex') }, 'keyring.limits must be a secret of its own'],
    [
      { ...VALID, seal: secret(2) },
      'keyring has no option seal; it takes active, secrets, limits.',
    ],
  ])('refuses %j', (options, message) => {
    const parse = () => parseKeyring(options as unknown as KeyringOptions);
    expect(parse).toThrow(TypeError);
    expect(parse).toThrow(message);
  });

  it('never repeats a secret in a message', () => {
    const canary = `${secret(7, 31)}!`;
    const options = { ...VALID, secrets: { k1: canary } };
    expect(() => parseKeyring(options)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining(canary) }),
    );
  });
});

it('shows no secret that stands in the place of its key id', () => {
  const options = { ...VALID, secrets: { [secret(1)]: 'k1' } };
  expect(() => parseKeyring(options)).toThrow(TypeError);
  expect(() => parseKeyring(options)).not.toThrow(secret(1).slice(0, 20));
});
