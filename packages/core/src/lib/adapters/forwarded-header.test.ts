import fc from 'fast-check';
import { expect, test } from 'vitest';
import { forwardedFor } from './forwarded-header.js';

test.each([
  ['for=203.0.113.7', 1, '203.0.113.7'],
  ['For="203.0.113.7:4711";proto=https;by=203.0.113.1', 1, '203.0.113.7'],
  ['proto=https; FOR="[2001:db8::1]:4711"', 1, '2001:db8::1'],
  ['for="[2001:db8::1]"', 1, '2001:db8::1'],
  ['for="2001:db8::1"', 1, '2001:db8::1'],
  ['for=203.0.113.7:4711', 1, '203.0.113.7'],
  ['for="203.0.113.7:_port"', 1, '203.0.113.7'],
  ['for=203.0.113.7, for=10.0.0.1', 1, '10.0.0.1'],
  ['for=203.0.113.7,for=10.0.0.1', 2, '203.0.113.7'],
  ['for=forged, for="[2001:db8::1]:4711";host="a,b;for=c", for=10.0.0.1', 2, '2001:db8::1'],
  [';;for=203.0.113.7;', 1, '203.0.113.7'],
  ['for=unknown', 1, 'unknown'],
  ['for=_hidden', 1, '_hidden'],
  ['for="_hidden:4711"', 1, '_hidden'],
  ['host="a\\",for=x;b";for=203.0.113.7', 1, '203.0.113.7'],
  ['for=203.0.113.7', 2, undefined],
  ['for=203.0.113.7, ', 1, undefined],
  ['for=203.0.113.7;for=203.0.113.8', 1, undefined],
  ['proto=https', 1, undefined],
  ['203.0.113.7', 1, undefined],
  ['for=""', 1, undefined],
  ['for="203.0.113.7', 1, undefined],
  ['', 1, undefined],
])('of %j the element %i from the right is for %j [L08]', (list, position, expected) => {
  expect(forwardedFor(list, position)).toBe(expected);
});

test('the elements of trusted proxies are read, whatever the client has written before them [L08, R12]', () => {
  const text = fc.string({ unit: fc.constantFrom(...'",;=\\ afor:[]1.'), maxLength: 24 });
  const trusted = fc.constantFrom('for=192.0.2.1', 'for="[2001:db8::1]:4711";host="a,b"');
  fc.assert(
    fc.property(text, trusted, trusted, (forged, outer, inner) => {
      const list = `${forged}, ${outer}, ${inner}`;
      expect(forwardedFor(list, 2)).toBe(outer.startsWith('for=1') ? '192.0.2.1' : '2001:db8::1');
    }),
    { numRuns: 10_000 },
  );
});
