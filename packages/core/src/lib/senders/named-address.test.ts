import { describe, expect, it } from 'vitest';
import { parseOptions } from '../util/schema.js';
import { namedAddress } from './named-address.js';

const parse = (value: unknown) => parseOptions(namedAddress(), value, 'from');

describe('namedAddress', () => {
  it.each([
    ['no-reply@example.com', '', 'no-reply@example.com'],
    ['<no-reply@example.com>', '', 'no-reply@example.com'],
    ['Example <no-reply@example.com>', 'Example', 'no-reply@example.com'],
    ['Café <otp@localhost>', 'Café', 'otp@localhost'],
    ['Acme, Inc. <a@example.com>', 'Acme, Inc.', 'a@example.com'],
    ['"Acme, Inc." <a@example.com>', 'Acme, Inc.', 'a@example.com'],
    ['"A \\"B\\" \\\\ C" <a@example.com>', 'A "B" \\ C', 'a@example.com'],
    ['"A" and "B" <a@example.com>', '"A" and "B"', 'a@example.com'],
    ["  O'Neil  <o'neil+x@example.com> ", "O'Neil", "o'neil+x@example.com"],
  ])('reads %j', (value, name, address) => {
    expect(parse(value)).toEqual({ name, address });
  });

  it.each([
    undefined,
    '',
    'Example',
    'Example <>',
    'Example <no-reply>',
    'a@example.com, b@example.com',
    'A <a@example.com>, B <b@example.com>',
    'A <a@example.com> B',
    'A <a@example.com@example.org>',
    'A <a b@example.com>',
    'A <nö@example.com>',
    'A <a@bücher.example>',
    'Example <a@example.com>\r\nBcc: <b@example.com>',
    'Exam\rple <a@example.com>',
    'Exam\nple <a@example.com>',
    'Exam\0ple <a@example.com>',
    'Exam\u2028ple <a@example.com>',
    'Exam\ud800ple <a@example.com>',
  ])('refuses %j', (value) => {
    expect(() => parse(value)).toThrow('from must hold one address in ASCII');
  });
});
