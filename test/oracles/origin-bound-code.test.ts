import { expect, it } from 'vitest';
import { parseOriginBoundCode } from './origin-bound-code.js';

it.each([
  ['747723 is your code.\n\n@example.com #747723', 'example.com 747723 null'],
  ['@example.com #747723 %shop.example $future', 'example.com 747723 shop.example'],
  ['@example.com #747723 and more', 'example.com 747723 null'],
  ['text\r\n@example.com #747723', 'example.com 747723 null'],
  ['something @example.com #747723', undefined],
  ['#747723 %shop.example @example.com', undefined],
  ['@example.com code #747723', undefined],
  ['@example.com  #747723', undefined],
  ['@example.com #747723\n', undefined],
  ['@ #747723', undefined],
  ['@example.com #', undefined],
  ['', undefined],
])('reads the examples of the draft: %j', (message, expected) => {
  const read = parseOriginBoundCode(message);
  expect(read && `${read.host} ${read.code} ${read.embedded}`).toBe(expected);
});
