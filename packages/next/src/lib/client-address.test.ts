import { describe, expect, test } from 'vitest';
import { type ClientAddressOptions, createAddressReader } from './client-address.js';

function read(options: ClientAddressOptions | undefined, fields: readonly [string, string][]) {
  return createAddressReader(options)(new Headers(fields.map(([name, value]) => [name, value])));
}

describe('the client address', () => {
  const header = 'x-forwarded-for';

  test('is absent unless the host names a field, whatever the client sends', () => {
    expect(read(undefined, [[header, '203.0.113.7']])).toBeUndefined();
  });

  test.each([
    [1, '203.0.113.7', '203.0.113.7'],
    [1, 'forged, 203.0.113.7', '203.0.113.7'],
    [1, '1.1.1.1,2001:db8::1', '2001:db8::1'],
    [2, 'forged, 203.0.113.7, 10.0.0.1', '203.0.113.7'],
    [2, '203.0.113.7,10.0.0.1', '203.0.113.7'],
    [2, '203.0.113.7', undefined],
    [3, 'forged, 203.0.113.7', undefined],
    [1, '', ''],
    [1, 'forged, ', ''],
  ])('behind %i trusted proxies, of %j, is %j', (trustedProxies, value, expected) => {
    expect(read({ header, trustedProxies }, [[header, value]])).toBe(expected);
  });

  test('is what the one proxy has added when the number is left out', () => {
    expect(read({ header: 'X-Real-IP' }, [['x-real-ip', '203.0.113.7']])).toBe('203.0.113.7');
  });

  test('counts over fields that came twice', () => {
    const fields: [string, string][] = [
      [header, 'forged'],
      [header, '203.0.113.7'],
    ];
    expect(read({ header }, fields)).toBe('203.0.113.7');
  });

  test.each([0, -1, 1.5, Number.NaN])('%d proxies are refused in words', (trustedProxies) => {
    expect(() => createAddressReader({ header, trustedProxies })).toThrow(
      /trustedProxies must be a whole number from 1; without a proxy leave clientAddress out/,
    );
  });

  test.each(['', 'x forwarded for', 'x-forwarded-for:'])(
    'a field %j is refused in words',
    (name) => {
      expect(() => createAddressReader({ header: name })).toThrow(
        /clientAddress\.header must be a field name/,
      );
    },
  );
});
