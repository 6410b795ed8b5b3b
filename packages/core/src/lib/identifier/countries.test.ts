import { describe, expect, it } from 'vitest';
import { isCountry, isServed } from './countries.js';

describe('isCountry', () => {
  it.each(['US', 'FR', 'JM', 'XK'])('accepts %s', (code) => expect(isCountry(code)).toBe(true));

  it.each(['us', 'XX', '001', 'USA', '', 'constructor', '__proto__', 1, ['US'], null, undefined])(
    'refuses %j',
    (code) => expect(isCountry(code)).toBe(false),
  );
});

describe('isServed', () => {
  it.each([
    [undefined, undefined, true],
    ['ALL', 'JM', true],
    [new Set(['US']), 'US', true],
    [new Set(['US']), 'JM', false],
    [new Set(['US']), undefined, false],
  ] as const)('%o and a recipient in %s: %s', (countries, country, served) => {
    expect(isServed(countries, country)).toBe(served);
  });
});
