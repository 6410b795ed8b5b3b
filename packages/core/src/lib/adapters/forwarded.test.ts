import { describe, expect, test } from 'vitest';
import { addressBucket } from '../limits/client-address.js';
import { optionsOf, parseOptions } from '../util/schema.js';
import { type ClientAddressOptions, clientAddressOption, readForwarded } from './forwarded.js';

interface Options {
  readonly clientAddress?: ClientAddressOptions;
}

const schema = optionsOf<Options>()({ clientAddress: clientAddressOption });

function parse(clientAddress: unknown) {
  return parseOptions(schema, { clientAddress }, 'mount()').clientAddress;
}

describe('readForwarded', () => {
  test.each([
    [1, ['203.0.113.7'], '203.0.113.7'],
    [1, ['forged, 203.0.113.7'], '203.0.113.7'],
    [1, ['1.1.1.1,2001:db8::1'], '2001:db8::1'],
    [2, ['forged, 203.0.113.7, 10.0.0.1'], '203.0.113.7'],
    [2, ['203.0.113.7,10.0.0.1'], '203.0.113.7'],
    [1, ['forged', '203.0.113.7'], '203.0.113.7'],
    [2, ['203.0.113.7'], undefined],
    [3, ['forged, 203.0.113.7'], undefined],
    [1, [''], undefined],
    [1, ['forged, '], undefined],
    [1, [], undefined],
  ])('behind %i trusted proxies, reads %j as %j [R12]', (trustedProxies, values, expected) => {
    const header = (name: string) => (name === 'x-forwarded-for' ? values : ['192.0.2.1']);
    const config = { header: 'x-forwarded-for', trustedProxies };
    expect(readForwarded(header, config)).toBe(expected);
  });
});

describe('the name of the field decides its syntax', () => {
  test.each([
    ['forwarded', ['for=forged, for="[2001:db8:1:2::1]:4711";proto=https', 'for=10.0.0.1'], 2],
    ['x-forwarded-for', ['forged, [2001:db8:1:2::1]:4711'], 1],
    ['true-client-ip', ['2001:DB8:1:2:0:0:0:1'], 1],
    ['cloudfront-viewer-address', ['2001:db8:1:2::1:4711'], 1],
    ['cloudfront-viewer-address', ['2001:0db8:0001:0002:0000:0000:0000:0001:4711'], 1],
    ['cloudfront-viewer-address', ['[2001:db8:1:2::1]:4711'], 1],
    ['cloudfront-viewer-address', ['forged', '2001:db8:1:2::1:4711'], 1],
  ])('%s %j names one client [L08]', (header, values, trustedProxies) => {
    const address = readForwarded(() => values, { header, trustedProxies });
    expect(addressBucket(address)).toBe('2001:db8:1:2::/64');
  });

  test.each([
    ['203.0.113.7:4711', '203.0.113.7'],
    ['::ffff:203.0.113.7:4711', '203.0.113.7'],
    ['203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', 'unknown'],
    ['4711', 'unknown'],
  ])('cloudfront-viewer-address %j is the client %s [L08, R12]', (value, bucket) => {
    const config = { header: 'cloudfront-viewer-address', trustedProxies: 1 };
    expect(addressBucket(readForwarded(() => [value], config))).toBe(bucket);
  });

  test.each(['for=unknown', 'for=_hidden', 'for="_hidden:4711"', 'for="unknown:_p"', 'by=1'])(
    'forwarded %j is a client without an address [L08, R12]',
    (value) => {
      const config = { header: 'forwarded', trustedProxies: 1 };
      expect(addressBucket(readForwarded(() => [value], config))).toBe('unknown');
    },
  );
});

describe('clientAddressOption', () => {
  test('trusts one proxy unless told otherwise, and lowers the case of the field', () => {
    expect(parse({ header: 'X-Real-IP' })).toEqual({ header: 'x-real-ip', trustedProxies: 1 });
    expect(parse(undefined)).toBeUndefined();
  });

  test.each<[unknown, string]>([
    [{ header: '' }, 'clientAddress.header must be the name of a header field'],
    [{ header: 'x forwarded for' }, 'clientAddress.header must be the name of a header field'],
    [{ header: 'x-forwarded-for:' }, 'clientAddress.header must be the name of a header field'],
    [{ trustedProxies: 1 }, 'clientAddress.header must be the name of a header field'],
    ...[0, -1, 1.5, 17, Number.NaN, '1'].map((trustedProxies): [unknown, string] => [
      { header: 'x', trustedProxies },
      'clientAddress.trustedProxies must be an integer from 1 to 16.',
    ]),
    [{ header: 'x', trustedProxy: 1 }, 'clientAddress has no option trustedProxy; it takes header'],
    ['x-forwarded-for', "clientAddress must be an object like { header: 'x-forwarded-for' }."],
    [null, "clientAddress must be an object like { header: 'x-forwarded-for' }."],
  ])('refuses %j', (clientAddress, message) => {
    expect(() => parse(clientAddress)).toThrow(message);
    expect(() => parse(clientAddress)).toThrow(TypeError);
  });
});
