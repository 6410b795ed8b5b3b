import { describe, expect, test } from 'vitest';
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
    ['x-forwarded-for', 'clientAddress must be an object.'],
    [null, 'clientAddress must be an object.'],
  ])('refuses %j', (clientAddress, message) => {
    expect(() => parse(clientAddress)).toThrow(message);
    expect(() => parse(clientAddress)).toThrow(TypeError);
  });
});
