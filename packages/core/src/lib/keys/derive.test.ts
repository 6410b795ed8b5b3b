import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveKey, deriveName, digest, lengthPrefixed } from './derive.js';

const SECRET = Buffer.alloc(32, 1);
const OTHER = Buffer.alloc(32, 2);
const isEqual = (a: readonly string[], b: readonly string[]) =>
  JSON.stringify(a) === JSON.stringify(b);

describe('lengthPrefixed', () => {
  it.each([
    [['a', 'b'], ['ab']],
    [
      ['a', 'b'],
      ['a', 'b', ''],
    ],
    [
      ['', 'a'],
      ['a', ''],
    ],
    [[], ['']],
    [['1:a'], ['a']],
    [['a1:b'], ['a', 'b']],
    [
      ['11:', ''],
      ['1', '1:'],
    ],
    [['é'], ['e\u0301']],
  ])('gives %j another string than %j', (a, b) => {
    expect(lengthPrefixed(a)).not.toBe(lengthPrefixed(b));
  });

  it('gives no two lists the same string', () => {
    const part = fc.string({ unit: fc.constantFrom('0', '1', '2', ':', 'a', '😀'), maxLength: 4 });
    const parts = fc.array(part, { maxLength: 4 });
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(lengthPrefixed(a) === lengthPrefixed(b)).toBe(isEqual(a, b));
      }),
      { numRuns: 20_000 },
    );
  });
});

describe('digest, deriveKey, deriveName', () => {
  const INFO = '1:a2:bc';

  it('are SHA-256, HKDF-SHA-256 and HMAC-SHA-256', () => {
    // printf '1:a2:bc' | openssl dgst -sha256 -binary | basenc --base64url
    expect(digest(['a', 'bc'])).toBe('UxClh4h4GrJdWtfD-FA1gktOt736OU4KwhhicUcrVJI');
    // RFC 5869, 2.2 and 2.3, with a salt of zeros: PRK = HMAC(salt, IKM), T(1) = HMAC(PRK, info | 0x01).
    const key = hmac(hmac(Buffer.alloc(32), SECRET), Buffer.from(`${INFO}\x01`));
    expect(deriveKey(SECRET, ['a', 'bc'])).toEqual(key);
    expect(deriveName(SECRET, ['a', 'bc'])).toBe(hmac(SECRET, INFO).toString('base64url'));
  });

  it('depend on every part and on the secret', () => {
    const lists = [['a', 'b'], ['a', 'c'], ['b', 'b'], ['ab'], ['a', 'b', '']];
    const all = lists.flatMap((parts) => [
      digest(parts),
      deriveKey(SECRET, parts).toString('base64url'),
      deriveKey(OTHER, parts).toString('base64url'),
      deriveName(SECRET, parts),
      deriveName(OTHER, parts),
    ]);
    expect(new Set(all).size).toBe(25);
  });
});

function hmac(key: Uint8Array, data: string | Uint8Array): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
