import { times } from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';
import { NODE_RANDOMNESS } from '../keys/randomness.js';
import { createCode, normalizeCode } from './code.js';

const text = (point: number) => String.fromCodePoint(point);
const RANDOM = (int: (below: number) => number) => ({ bytes: Buffer.alloc, int });

describe('createCode', () => {
  it.each([6, 7, 8, 9, 10])('draws from all codes of %i digits and pads with zeros', (digits) => {
    const asked: number[] = [];
    const random = RANDOM((below) => {
      asked.push(below);
      return 42;
    });
    expect(createCode(digits, random)).toBe('42'.padStart(digits, '0'));
    expect(asked).toEqual([10 ** digits]);
  });

  it('can be all zeros and all nines', () => {
    expect(
      createCode(
        6,
        RANDOM(() => 0),
      ),
    ).toBe('000000');
    expect(
      createCode(
        10,
        RANDOM((below) => below - 1),
      ),
    ).toBe('9999999999');
  });

  it('draws each digit equally often at every position', () => {
    const counts = Array.from({ length: 6 }, () => new Array<number>(10).fill(0));
    for (let index = 0; index < 20_000; index += 1) {
      for (const [place, digit] of [...createCode(6, NODE_RANDOMNESS)].entries()) {
        const row = counts[place] ?? [];
        row[Number(digit)] = (row[Number(digit)] ?? 0) + 1;
      }
    }
    // 2,000 expected; seven standard deviations of 42.
    for (const count of counts.flat()) expect(Math.abs(count - 2_000)).toBeLessThan(300);
  });
});

describe('normalizeCode', () => {
  it.each([
    ['123456', '123456'],
    ['123 456', '123456'],
    [' 1 2-3 4-5 6\t\r\n', '123456'],
    ['123\u00a0456\u3000\u2028', '123456'],
    ['12\u201134\u201356\u2212\u2014', '123456'],
    ['\ufeff\u200e12\u200b34\u2060\u00ad56\u200d\u202c', '123456'],
    ['1\ufe0f2\u{e0100}3\u034f4\u180e', '1234'],
    ['0000', '0000'],
    ['0123456789', '0123456789'],
    ['٠١٢٣٤٥٦٧٨٩', '0123456789'],
    ['۰۱۲۳۴۵۶۷۸۹', '0123456789'],
    ['०१२३४५६७८९', '0123456789'],
    ['０１２３４５６７８９', '0123456789'],
    ['𝟶𝟷𝟸𝟹𝟺𝟻𝟼𝟽𝟾𝟿', '0123456789'],
    ['\u200f١٢٣ ٤٥٦\u200f', '123456'],
    ['１２３－４５６', '123456'],
  ])('reads %j as %s', (typed, code) => {
    expect(normalizeCode(typed)).toBe(code);
  });

  it('reads the digits of every script', () => {
    const points = times(0x110000, (point) => point);
    const zeros = points
      .filter((point) => /\p{Nd}/u.test(text(point)))
      .filter((_, n) => n % 10 === 0);
    expect(zeros.length).toBeGreaterThan(60);
    for (const zero of zeros) {
      expect(normalizeCode(times(10, (n) => text(zero + n)).join(''))).toBe('0123456789');
    }
  });

  it.each([
    '',
    ' ',
    '123',
    '12345678901',
    '12345a',
    '123.456',
    '123456\0',
    '+123456',
    '1e5123',
    '12345６',
    '١٢٣٤٥۶',
    '𝟎𝟏𝟐𝟑𝟒𝟝',
    '①②③④⑤⑥',
    '¹²³⁴⁵⁶',
    '一二三四五六',
    '1\ufe0f\u20e32\ufe0f\u20e33\ufe0f\u20e34\ufe0f\u20e3',
    '123456\ud835',
    'ǌ123456',
  ])('refuses %j instead of repairing it', (typed) => {
    expect(normalizeCode(typed)).toBeUndefined();
  });
});
