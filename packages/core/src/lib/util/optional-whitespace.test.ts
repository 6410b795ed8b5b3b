import { fastestMs } from '@otp/testing/internal';
import { expect, it } from 'vitest';
import { trimOptionalWhitespace } from './optional-whitespace.js';

it.each([
  ['', ''],
  [' \t ', ''],
  ['a', 'a'],
  [' \ta \t b\t ', 'a \t b'],
  ['\u00a0a\u2003', '\u00a0a\u2003'],
  ['\na\r', '\na\r'],
])('trims %j to %j', (value, trimmed) => {
  expect(trimOptionalWhitespace(value)).toBe(trimmed);
});

it('trims 16 KiB of spaces between two letters in under 2 ms', async () => {
  const value = `a${' '.repeat(16_384)}b`;
  expect(await fastestMs(async () => trimOptionalWhitespace(value))).toBeLessThan(2);
});
