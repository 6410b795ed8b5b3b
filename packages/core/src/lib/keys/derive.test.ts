import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveKey, deriveName, digest, lengthPrefixed } from './derive.js';

const SECRET = Buffer.alloc(32, 1).toString('base64url');
const OTHER = Buffer.alloc(32, 2).toString('base64url');
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
  ])('tells %j from %j', (a, b) => {
    expect(lengthPrefixed(a)).not.toBe(lengthPrefixed(b));
  });

  it('gives no two lists one text', () => {
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
  it('are what their algorithms say', () => {
    // printf '1:a2:bc' | openssl dgst -sha256 -binary | basenc --base64url
    expect(digest(['a', 'bc'])).toBe('UxClh4h4GrJdWtfD-FA1gktOt736OU4KwhhicUcrVJI');
    // NIST SP 800-56C Rev. 2, 4.1: H(counter || Z || FixedInfo), the counter as four bytes.
    const input = Buffer.concat([Buffer.from([0, 0, 0, 1]), Buffer.from(`43:${SECRET}1:a2:bc`)]);
    const expected = createHash('sha256').update(input).digest();
    expect(deriveKey(SECRET, ['a', 'bc']).equals(expected)).toBe(true);
    const name = createHash('sha512-256').update(input).digest('base64url');
    expect(deriveName(SECRET, ['a', 'bc'])).toBe(name);
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

  it('are the same every time', () => {
    expect(digest(['a'])).toBe(digest(['a']));
    expect(deriveName(SECRET, ['a'])).toBe(deriveName(SECRET, ['a']));
    expect(deriveKey(SECRET, ['a']).equals(deriveKey(SECRET, ['a']))).toBe(true);
  });
});
