import { describe, expect, it } from 'vitest';
import { equalsInConstantTime } from './constant-time.js';

describe('equalsInConstantTime', () => {
  it.each([
    ['123456', '123456', true],
    ['000000', '000000', true],
    ['123456', '123457', false],
    ['123456', '023456', false],
    ['12345', '123456', false],
    ['1234567', '123456', false],
    ['', '123456', false],
    ['１23456', '123456', false],
  ])('%s against %s is %s', (given, expected, result) => {
    expect(equalsInConstantTime(given, expected)).toBe(result);
  });
});
