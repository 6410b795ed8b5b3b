import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { isJsonContentType } from './media-type.js';

describe('isJsonContentType', () => {
  it.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'Application/JSON; charset=UTF-8',
    'application/json;charset=utf-8',
    'application/json; charset="utf-8"',
    'application/json; charset=utf8',
    'application/json ;\tcharset=utf-8 ',
    'application/json;',
    'application/json;;charset=utf-8',
    'application/json; odata=verbose',
    'application/json; profile="a b"; charset=UTF-8',
  ])('takes %j [B02]', (field) => {
    expect(isJsonContentType([field])).toBe(true);
  });

  it.each([
    '',
    ' application/json',
    'text/plain',
    'text/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=application/json',
    'application/jsonp',
    'application/json-patch+json',
    'application/problem+json',
    'application/json, text/plain',
    'application/json, application/json',
    'text/plain, application/json',
    'text/plain; application/json',
    'application/json text/plain',
    'application/json; charset',
    'application/json; charset=',
    'application/json; charset=latin1',
    'application/json; charset=utf-16',
    'application/json; charset=utf-8; charset=utf-16',
    'application/json; charset="utf-16"',
    'application/json; =utf-8',
    'application/json; charset=utf-8 garbage',
    'application/json\r\n',
    'application/json\0',
    'application/json; a="\\""',
    'application/*',
    '*/*',
    'ａpplication/json',
  ])('refuses %j (CVE-2022-41919) [B02]', (field) => {
    expect(isJsonContentType([field])).toBe(false);
  });

  it.each([
    ['none', []],
    ['two of one kind', ['application/json', 'application/json']],
    ['two of different kinds', ['application/json', 'text/plain']],
    ['two with parameters', ['application/json; charset=utf-8', 'application/json']],
  ] as const)('refuses %s [B02]', (_, fields) => {
    expect(isJsonContentType(fields)).toBe(false);
  });

  it.each([
    ';',
    '; ',
    ' ;',
    ' ; ',
    '; \t',
    ';a=b',
    '; a=b',
    ';a=b ;',
    ';a=";";',
    ';charset=',
    ';charset=utf-8 ;',
    ';"',
    ' ',
    '\t',
  ])('comes to an end for any length of %j before garbage', (unit) => {
    for (const length of [64, 239, 8192, 100_000]) {
      const field = `application/json${unit.repeat(length / unit.length)}\0`;
      // A pattern that backtracks without end stops the process: only this interrupts it, and no load comes near it.
      const context = { check: () => isJsonContentType([field]) };
      expect(runInNewContext('check()', context, { timeout: 4_000 })).toBe(false);
    }
  });
});
