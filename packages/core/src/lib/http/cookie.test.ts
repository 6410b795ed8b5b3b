import { describe, expect, it } from 'vitest';
import {
  clearedCookie,
  cookieName,
  readVerificationCookie,
  resolveCookie,
  serializeCookie,
  verificationCookie,
} from './cookie.js';

const NAME = cookieName('shop', false);
const TOKEN = 'Abcdefghijklmnopqrstuvwxyz0123456789_-ABCDE';
const COOKIE = { name: NAME, sameSite: 'Lax', secure: true, partitioned: false } as const;

describe('verificationCookie', () => {
  it('writes the golden Set-Cookie, byte for byte [K01]', () => {
    expect(serializeCookie(verificationCookie(COOKIE, TOKEN, 600))).toBe(
      `__verification-login_shop=${TOKEN}; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=600`,
    );
  });

  it.each(['Strict', 'Lax', 'None'] as const)('writes SameSite=%s', (sameSite) => {
    const cookie = verificationCookie({ ...COOKIE, sameSite }, TOKEN, 1);
    expect(serializeCookie(cookie)).toContain(`; SameSite=${sameSite}; Max-Age=1`);
  });

  it('clears with an empty value and no life', () => {
    expect(serializeCookie(clearedCookie(COOKIE))).toBe(
      '__verification-login_shop=; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=0',
    );
  });

  it('adds Partitioned behind the other attributes, to the cookie that clears as well', () => {
    const cookie = { ...COOKIE, sameSite: 'None', partitioned: true } as const;
    const attributes = 'Path=/; HttpOnly; Secure; SameSite=None; Max-Age=';
    expect(serializeCookie(verificationCookie(cookie, TOKEN, 600))).toBe(
      `${NAME}=${TOKEN}; ${attributes}600; Partitioned`,
    );
    expect(serializeCookie(clearedCookie(cookie))).toBe(`${NAME}=; ${attributes}0; Partitioned`);
  });

  it('leaves out Secure for development without https, from the cookie that clears as well', () => {
    const cookie = { ...COOKIE, secure: false };
    const attributes = 'Path=/; HttpOnly; SameSite=Lax; Max-Age=';
    expect(serializeCookie(verificationCookie(cookie, TOKEN, 600))).toBe(
      `${NAME}=${TOKEN}; ${attributes}600`,
    );
    expect(serializeCookie(clearedCookie(cookie))).toBe(`${NAME}=; ${attributes}0`);
  });

  it('names the cookie by its app, with the prefix of the host when it is chosen', () => {
    expect(cookieName('shop', false)).toBe('__verification-login_shop');
    expect(cookieName('shop', true)).toBe('__Host-verification-login_shop');
  });
});

describe('resolveCookie', () => {
  const defaults = { hostPrefix: false, partitioned: false, dangerouslyAllowHttp: false };

  it.each([
    [
      'partitioned without SameSite=None',
      { partitioned: true, sameSite: 'Lax' },
      'cookie.partitioned',
    ],
    ['http beside __Host-', { dangerouslyAllowHttp: true, hostPrefix: true }, 'cookie.hostPrefix'],
    ['http beside SameSite=None', { dangerouslyAllowHttp: true, sameSite: 'None' }, "'None'"],
    ['http beside Partitioned', { dangerouslyAllowHttp: true, partitioned: true }, 'partitioned'],
  ] as const)('refuses %s', (_, options, named) => {
    const resolve = () =>
      resolveCookie('shop', { ...defaults, ...options }, { isProduction: false });
    expect(resolve).toThrow(named);
    expect(resolve).toThrow(TypeError);
  });

  it('refuses http in production', () => {
    const options = { ...defaults, dangerouslyAllowHttp: true };
    expect(() => resolveCookie('shop', options, { isProduction: true })).toThrow('production');
    expect(resolveCookie('shop', options, { isProduction: false }).secure).toBe(false);
  });
});

describe('readVerificationCookie', () => {
  it.each([
    ['alone', [`${NAME}=${TOKEN}`]],
    ['among others', [`a=1; ${NAME}=${TOKEN}; b=2`]],
    ['without spaces', [`a=1;${NAME}=${TOKEN};b=2`]],
    ['with tabs and spaces', [`a=1;\t ${NAME} = ${TOKEN} ;b=2`]],
    ['in the second field', ['a=1', `${NAME}=${TOKEN}`]],
    ['beside the cookie of another app', [`${NAME}2=${'x'.repeat(43)}; ${NAME}=${TOKEN}`]],
    [
      'beside the __Host- form of its own name',
      [`__Host-verification-login_shop=${'x'.repeat(43)}; ${NAME}=${TOKEN}`],
    ],
    ['beside garbage', [`;;=; =x; ${NAME}=${TOKEN}; y`]],
  ])('finds the token %s', (_, fields) => {
    expect(readVerificationCookie(fields, NAME)).toEqual({ ok: true, token: TOKEN });
  });

  it.each([
    ['no field', []],
    ['an empty field', ['']],
    ['another cookie', ['session=1']],
    ['the name without a value', [NAME]],
    ['the name, one character more and no value', [`${NAME}2`]],
    ['a name in another case', [`${NAME.toUpperCase()}=${TOKEN}`]],
    ['the name of another app', [`${NAME}2=${TOKEN}`]],
    ['its name as a value', [`x=${NAME}=${TOKEN}`]],
  ])('finds nothing in %s', (_, fields) => {
    expect(readVerificationCookie(fields, NAME)).toEqual({ ok: false, reason: 'no_handle' });
  });

  it.each([
    ['empty', ''],
    ['42 characters', TOKEN.slice(1)],
    ['44 characters', `${TOKEN}A`],
    ['quoted', `"${TOKEN}"`],
    ['%00', `${TOKEN.slice(0, 40)}%00`],
    ['NUL', `${TOKEN.slice(0, 42)}\0`],
    ['plain base64', `${TOKEN.slice(0, 42)}+`],
    ['padding', `${TOKEN.slice(0, 42)}=`],
    ['an inner space', `${TOKEN.slice(0, 20)} ${TOKEN.slice(0, 22)}`],
    ['9 KiB', 'A'.repeat(9216)],
  ])('sees that our cookie came but takes no token from %s [K05]', (_, value) => {
    expect(readVerificationCookie([`${NAME}=${value}`], NAME)).toEqual({
      ok: false,
      reason: 'malformed',
    });
  });

  const OTHER = 'z'.repeat(43);
  it.each([
    ['in one field', [`${NAME}=${TOKEN}; ${NAME}=${OTHER}`]],
    ['in the other order', [`${NAME}=${OTHER}; ${NAME}=${TOKEN}`]],
    ['in two fields', [`${NAME}=${TOKEN}`, `${NAME}=${OTHER}`]],
    ['of the same value', [`${NAME}=${TOKEN}; ${NAME}=${TOKEN}`]],
    ['one of them empty', [`${NAME}=; ${NAME}=${TOKEN}`]],
  ])('counts two cookies of our name %s as none [K04]', (_, fields) => {
    expect(readVerificationCookie(fields, NAME)).toEqual({ ok: false, reason: 'two_handles' });
  });
});
