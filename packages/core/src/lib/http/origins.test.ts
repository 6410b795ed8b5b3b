import { describe, expect, it } from 'vitest';
import { hasPublicSuffix, toIsAllowed } from './origins.js';

describe('toIsAllowed', () => {
  it.each([
    ['https://app.example.com', 'https://app.example.com'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['capacitor://localhost', 'capacitor://localhost'],
    ['chrome-extension://abcdefghijklmnop', 'chrome-extension://abcdefghijklmnop'],
    ['file://', 'file://'],
    ['https://*.example.com', 'https://a.example.com'],
    ['https://*.example.com', 'https://a-1--b.example.com'],
    ['https://*-shop.example.com', 'https://pr-1-shop.example.com'],
    ['https://pr-*.example.com', 'https://pr-1.example.com'],
    ['https://pr-*-x.eu.example.com:8443', 'https://pr-1-x.eu.example.com:8443'],
  ])('%s allows %s', (listed, origin) => {
    expect(toIsAllowed(['https://other.example', listed])(origin)).toBe(true);
  });

  it.each([
    ['https://*.example.com', 'https://example.com'],
    ['https://*.example.com', 'https://.example.com'],
    ['https://*.example.com', 'https://a.b.example.com'],
    ['https://*.example.com', 'http://a.example.com'],
    ['https://*.example.com', 'https://a.example.com:8443'],
    ['https://*.example.com', 'https://a.example.com:443'],
    ['https://*.example.com', 'https://a.examplexcom'],
    ['https://*.example.com', 'https://a.example.com.evil.example'],
    ['https://*.example.com', 'https://evil.example/.example.com'],
    ['https://*.example.com', 'https://evil.example#.example.com'],
    ['https://*.example.com', 'https://evil.example?a.example.com'],
    ['https://*.example.com', 'https://user@a.example.com'],
    ['https://*.example.com', 'https://A.example.com'],
    ['https://*.example.com', 'https://a_b.example.com'],
    ['https://*.example.com', 'https://*.example.com'],
    ['https://*.example.com', 'https://a.example.com\n'],
    ['https://*.example.com', 'xhttps://a.example.com'],
    ['https://*.example.com', 'null'],
    ['https://*.example.com', ''],
    ['https://*-shop.example.com', 'https://-shop.example.com'],
    ['https://*-shop.example.com', 'https://a-shop2.example.com'],
    ['https://pr-*.example.com', 'https://xpr-1.example.com'],
    ['capacitor://localhost', 'capacitor://localhost:80'],
    ['capacitor://localhost', 'https://localhost'],
    ['capacitor://localhost', 'CAPACITOR://localhost'],
  ])('%s does not allow %s', (listed, origin) => {
    expect(toIsAllowed([listed])(origin)).toBe(false);
  });

  it.each([true, false, undefined, null, 1, 'true', {}, Promise.resolve(true)])(
    'a function that returns %j allows only if that is true',
    (result) => {
      const isAllowed = toIsAllowed((() => result) as () => boolean);
      expect(isAllowed('https://app.example.com')).toBe(result === true);
    },
  );

  it('a function gets the origin as it came, and nothing that is no origin', () => {
    const asked: string[] = [];
    const isAllowed = toIsAllowed((origin) => {
      asked.push(origin);
      return true;
    });
    for (const text of [
      'null',
      '',
      'https://a.example/',
      'https://a.example b',
      'https://ä.example',
      'x',
    ]) {
      expect(isAllowed(text)).toBe(false);
    }
    const origins = ['https://a.example:8443', 'http://[::1]:3000', 'app://.', 'file://'];
    for (const origin of origins) expect(isAllowed(origin)).toBe(true);
    expect(asked).toEqual(origins);
  });
});

describe('hasPublicSuffix', () => {
  it.each([
    ['https://*.vercel.app', true],
    ['https://shop-*.vercel.app', true],
    ['https://*.github.io', true],
    ['https://*.pages.dev:8443', true],
    ['https://*.co.uk', true],
    ['https://*.com.br', true],
    ['https://*.shop.vercel.app', false],
    ['https://shop.vercel.app', false],
    ['https://*.example.com', false],
    ['https://*.example.co.uk', false],
    ['capacitor://localhost', false],
  ])('of %s is %s', (origin, expected) => {
    expect(hasPublicSuffix(['https://app.example.com', origin])).toBe(expected);
  });

  it('of a function is false', () => {
    expect(hasPublicSuffix(() => true)).toBe(false);
  });
});
