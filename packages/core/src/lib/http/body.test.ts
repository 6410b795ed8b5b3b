import { fastestMs } from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';
import { MAX_BODY_BYTES, parseJsonBody, readJsonBody } from './body.js';
import type { RequestBody } from './otp-request.js';

const REFUSED = { ok: false, code: 'bad_request' };
const REQUIRED = { optional: false };
const OPTIONAL = { optional: true };
const bytes = (...values: number[]) => Uint8Array.from(values);
const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

describe('parseJsonBody: what it takes', () => {
  it.each([
    ['{}', {}],
    ['{"a":1}', { a: 1 }],
    [' \r\n\t{"a":[1,null,true,"x"]} ', { a: [1, null, true, 'x'] }],
    ['{"a":"😀 é"}', { a: '😀 é' }],
    ['{"a":"x:y","b":"\\"c\\":1"}', { a: 'x:y', b: '"c":1' }],
    ['{"a":{"a":{"a":1}}}', { a: { a: { a: 1 } } }],
    ['{"a":[{"b":1},{"b":2}]}', { a: [{ b: 1 }, { b: 2 }] }],
    ['{"a":"\\\\","b":1}', { a: '\\', b: 1 }],
    ['{"a:b":1}', { 'a:b': 1 }],
    ['{"hasOwnProperty":1,"toString":2}', { hasOwnProperty: 1, toString: 2 }],
  ])('%j as text and as bytes', (text, value) => {
    expect(parseJsonBody(text, REQUIRED)).toEqual({ ok: true, value });
    expect(parseJsonBody(Buffer.from(text), REQUIRED)).toEqual({ ok: true, value });
  });

  it('an object that a framework has parsed, as it is', () => {
    const parsed = { a: { b: [1] } };
    expect(parseJsonBody({ parsed }, REQUIRED)).toEqual({ ok: true, value: parsed });
  });

  it.each([
    ['', OPTIONAL],
    [bytes(), OPTIONAL],
    [{ parsed: undefined }, OPTIONAL],
    [{ parsed: null }, OPTIONAL],
    ['{}', OPTIONAL],
    [{ parsed: {} }, OPTIONAL],
  ])('%j as an empty object where the body may be absent', (body, options) => {
    expect(parseJsonBody(body as RequestBody, options)).toEqual({ ok: true, value: {} });
  });
});

describe('parseJsonBody: what it refuses', () => {
  it.each([
    '',
    ' ',
    'null',
    '[]',
    '"x"',
    '1',
    'true',
    '[{}]',
    '{}{}',
    '{} {}',
    '{"a":1}x',
    '{"a":1},',
    '{"a":1',
    "{'a':1}",
    '{a:1}',
    '{"a":1,}',
    '{"a":NaN}',
    '// c\n{}',
    '\ufeff{}',
    '{"a":"\u0001"}',
    'undefined',
  ])('%j [B04]', (text) => {
    expect(parseJsonBody(text, REQUIRED)).toMatchObject(REFUSED);
    expect(parseJsonBody(Buffer.from(text), REQUIRED)).toMatchObject(REFUSED);
  });

  it.each([
    ['a byte order mark', bytes(0xef, 0xbb, 0xbf, 0x7b, 0x7d)],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
    ['a lone continuation byte', bytes(0x7b, 0x22, 0x80, 0x22, 0x3a, 0x31, 0x7d)],
    ['an overlong slash', bytes(0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d)],
    ['an encoded surrogate', bytes(0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d)],
    ['a cut sequence', bytes(0x7b, 0x7d, 0xe2, 0x82)],
  ])('%s [B04]', (_, body) => {
    expect(parseJsonBody(body, REQUIRED)).toMatchObject(REFUSED);
  });

  it.each([
    '{"a":"\\u0000"}',
    '{"a":"\\ud800"}',
    '{"a":"x\\udc00y"}',
    '{"a":{"b":["\\ud800"]}}',
    '{"\\u0000":1}',
    '{"\\ud800":1}',
  ])('the NUL or lone surrogate in %s [B04]', (text) => {
    expect(parseJsonBody(text, REQUIRED)).toMatchObject(REFUSED);
    expect(parseJsonBody({ parsed: JSON.parse(text) }, REQUIRED)).toMatchObject(REFUSED);
  });

  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '{"a":{"b":1,"b":2}}',
    '{"a":[{"b":1,"b":2}]}',
    '{"a":"x:y","a":"z"}',
    '{"a\\"":1,"a\\"":2}',
    '{"1":1,"1":2}',
    '{"a":1,"b":2,"a":{"c":3}}',
  ])('the duplicate member in %s', (text) => {
    expect(parseJsonBody(text, REQUIRED)).toMatchObject({
      ...REFUSED,
      message: 'body: has a member twice',
    });
  });

  it.each(
    ['__proto__', 'constructor', 'prototype'].flatMap((name) => {
      const escaped = `\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}`;
      return [
        `{"${name}":1}`,
        `{"${escaped}":1}`,
        `{"a":{"${name}":{}}}`,
        `{"a":[[{"${escaped}":1}]]}`,
      ];
    }),
  )('the forbidden name in %s [B06]', (text) => {
    expect(parseJsonBody(text, REQUIRED)).toMatchObject(REFUSED);
    expect(parseJsonBody({ parsed: JSON.parse(text) }, REQUIRED)).toMatchObject(REFUSED);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  it.each([undefined, null, [], 'x', 1, true])('%j from a framework [B04]', (parsed) => {
    expect(parseJsonBody({ parsed }, REQUIRED)).toMatchObject(REFUSED);
  });

  it.each([[], 'x', 1, false, 0, ''])(
    '%j from a framework, also where the body may be absent',
    (parsed) => {
      expect(parseJsonBody({ parsed }, OPTIONAL)).toMatchObject(REFUSED);
    },
  );

  it.each([' ', 'null', '[]', '""'])('%j, also where the body may be absent', (text) => {
    expect(parseJsonBody(text, OPTIONAL)).toMatchObject(REFUSED);
  });

  it.each(['too_large', 'incomplete'] as const)('what the adapter calls %s', (refused) => {
    expect(parseJsonBody({ refused }, OPTIONAL)).toMatchObject(REFUSED);
  });

  it('takes 16 members and refuses 17 [B05]', () => {
    const members = (count: number) =>
      JSON.stringify(
        Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${index}`, index])),
      );
    expect(parseJsonBody(members(16), REQUIRED)).toMatchObject({ ok: true });
    expect(parseJsonBody(members(17), REQUIRED)).toMatchObject(REFUSED);
  });

  it('takes 32 levels and refuses more [B05]', () => {
    expect(parseJsonBody(nested(32), REQUIRED)).toMatchObject({ ok: true });
    expect(parseJsonBody(nested(33), REQUIRED)).toMatchObject(REFUSED);
  });

  it.each([
    ['objects', '{"a":'.repeat(1_500)],
    ['lists', `{"a":${'['.repeat(2_000)}`],
    ['closed lists', `{"a":${'['.repeat(2_000)}${']'.repeat(2_000)}}`],
    ['closed objects', nested(1_300)],
    ['colons', ':'.repeat(8_000)],
    ['quotes', '"'.repeat(8_000)],
    ['backslashes', `{"a":"${'\\'.repeat(8_001)}"}`],
    ['names', `{${Array.from({ length: 1_000 }, (_, index) => `"${index}":1`).join(',')}}`],
  ])('refuses 8 KiB of %s in under 5 ms [B05]', async (_, text) => {
    expect(parseJsonBody(text, REQUIRED)).toMatchObject(REFUSED);
    expect(await fastestMs(async () => parseJsonBody(text, REQUIRED))).toBeLessThan(5);
  });

  it('takes 8 KiB and refuses one byte more, counted in bytes [B03]', () => {
    const body = (length: number, char = 'a') => `{"a":"${char.repeat(length - 8)}"}`;
    expect(parseJsonBody(body(MAX_BODY_BYTES), REQUIRED)).toMatchObject({ ok: true });
    expect(parseJsonBody(Buffer.from(body(MAX_BODY_BYTES)), REQUIRED)).toMatchObject({ ok: true });
    expect(parseJsonBody(body(MAX_BODY_BYTES + 1), REQUIRED)).toMatchObject(REFUSED);
    expect(parseJsonBody(Buffer.from(body(MAX_BODY_BYTES + 1)), REQUIRED)).toMatchObject(REFUSED);
    expect(parseJsonBody(body(5_000, 'é'), REQUIRED)).toMatchObject(REFUSED);
  });

  it.each([
    ['a text', { a: 'a'.repeat(MAX_BODY_BYTES) }],
    ['a name', { ['a'.repeat(MAX_BODY_BYTES)]: 1 }],
    ['a list', { a: new Array(MAX_BODY_BYTES).fill(0) }],
    // JSON has no shared values, but what React makes of the arguments of a server action has.
    ['shared objects', doubled(30)],
  ])('refuses %s of more than 8 KiB from a framework [B03]', (_, parsed) => {
    expect(parseJsonBody({ parsed }, REQUIRED)).toMatchObject(REFUSED);
  });

  it('takes from a framework what 8 KiB can hold', () => {
    const list = new Array((MAX_BODY_BYTES - '{"a":[]}'.length) / 2).fill(0);
    expect(parseJsonBody({ parsed: { a: list } }, REQUIRED)).toMatchObject({ ok: true });
  });

  it('never repeats a value or an unknown name in what it says', () => {
    const canary = 'canary-4711';
    for (const text of [
      `{"a":"${canary}\\u0000"}`,
      `{"${canary}":1,"${canary}":2}`,
      `{"a":${canary}}`,
    ]) {
      expect(JSON.stringify(parseJsonBody(text, REQUIRED))).not.toContain(canary);
    }
  });
});

/** Levels that hold the level below twice. */
function doubled(levels: number): object {
  return levels === 0 ? {} : ((below) => ({ a: below, b: below }))(doubled(levels - 1));
}

describe('readJsonBody', () => {
  const read = async (headers: Record<string, string[]>, body: RequestBody = '{"a":1}') => {
    let reads = 0;
    const result = await readJsonBody(
      {
        method: 'POST',
        path: '/',
        header: (name) => headers[name] ?? [],
        body: async (maxBytes) => {
          expect(maxBytes).toBe(MAX_BODY_BYTES);
          reads += 1;
          return body;
        },
      },
      REQUIRED,
    );
    return { result, reads };
  };
  const JSON_TYPE = { 'content-type': ['application/json'] };

  it('reads once what its headers allow', async () => {
    const headers = { ...JSON_TYPE, 'content-encoding': ['identity'], 'content-length': ['7'] };
    expect(await read(headers)).toEqual({ result: { ok: true, value: { a: 1 } }, reads: 1 });
  });

  it.each([
    ['no content type', {}],
    ['another content type', { 'content-type': ['text/plain'] }],
    ['two content types', { 'content-type': ['application/json', 'application/json'] }],
    ['gzip', { ...JSON_TYPE, 'content-encoding': ['gzip'] }],
    ['identity and gzip', { ...JSON_TYPE, 'content-encoding': ['identity', 'gzip'] }],
    ['a list of encodings', { ...JSON_TYPE, 'content-encoding': ['identity, br'] }],
    ['one byte too many', { ...JSON_TYPE, 'content-length': ['8193'] }],
    ['far too many bytes', { ...JSON_TYPE, 'content-length': ['1e9'] }],
  ])('refuses %s unread [B03]', async (_, headers) => {
    const { result, reads } = await read(headers);
    expect(result).toMatchObject(REFUSED);
    expect(reads).toBe(0);
  });

  it('takes a body that is there already', async () => {
    const header = (name: string) => (name === 'content-type' ? ['application/json'] : []);
    const request = { method: 'POST', path: '/', header, body: '{"a":1}' };
    expect(await readJsonBody(request, REQUIRED)).toEqual({ ok: true, value: { a: 1 } });
  });
});
