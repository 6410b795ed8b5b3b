import { describe, expect, it } from 'vitest';
import { isVerifierOf } from './pkce.js';

/** RFC 7636, appendix B. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

describe('isVerifierOf', () => {
  it.each([
    ['the example of RFC 7636', CHALLENGE, VERIFIER],
    ['the longest verifier', 'zNhOm5Jyonenca7bQzzpjUpwFDVrfhrbbOGCqgWA6HU', '~'.repeat(128)],
    ['neither challenge nor verifier', undefined, undefined],
  ])('accepts %s', (_, challenge, verifier) => {
    expect(isVerifierOf(challenge, verifier)).toBe(true);
  });

  it.each([
    ['no verifier', CHALLENGE, undefined],
    ['another verifier', CHALLENGE, VERIFIER.replace('d', 'e')],
    ['the challenge itself', CHALLENGE, CHALLENGE],
    ['a verifier with a line break', CHALLENGE, `${VERIFIER}\n`],
    ['a verifier without a challenge', undefined, VERIFIER],
    ['an empty verifier without a challenge', undefined, ''],
    ['null without a challenge', undefined, null],
    ['an array', CHALLENGE, [VERIFIER]],
    ['42 characters', 'elOGB_2quSlplZKfRRVlu7gULhhEEXMiqv0rPXawGv8', 'a'.repeat(42)],
    ['129 characters', 'wSywJKLlVRzKDgj86PHF4xRVXMP-9jKe6ZSj23UhZq4', 'a'.repeat(129)],
  ])('refuses %s', (_, challenge, verifier) => {
    expect(isVerifierOf(challenge, verifier)).toBe(false);
  });
});
