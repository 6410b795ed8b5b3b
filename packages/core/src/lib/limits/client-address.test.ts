import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressBucket, isPrivateBucket, networkOf, siteOf } from './client-address.js';

describe('addressBucket', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:443', '203.0.113.7'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255:65535', '255.255.255.255'],
    ['[203.0.113.7]:80', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
    ['0000:0000:0000:0000:0000:ffff:cb00:7107', '203.0.113.7'],
    ['[::ffff:203.0.113.7]:443', '203.0.113.7'],
    ['::ffff:203.0.113.7%eth0', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::1]', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::1]:8443', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1%en0', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::1%25en0]:8443', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1%a:b', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['1::8', '1:0:0:0::/64'],
    ['64:ff9b::203.0.113.7', '203.0.113.7'],
    ['64:ff9b::cb00:7107', '203.0.113.7'],
    ['64:FF9B:0:0:0:0:cb00:7107', '203.0.113.7'],
    ['[64:ff9b::203.0.113.7%eth0]:443', '203.0.113.7'],
    ['64:ff9b:1::203.0.113.7', '64:ff9b:1:0::/64'],
    ['::ffff:0:203.0.113.7', '203.0.113.7'],
    ['::203.0.113.7', '0:0:0:0::/64'],
    ['2002:cb00:7107::1', '2002:cb00:7107:0::/64'],
    ['64:ff9b::1:203.0.113.7', '64:ff9b:0:0::/64'],
    ['::ffff:1:203.0.113.7', '0:0:0:0::/64'],
    ['1:0:0:0:0:ffff:203.0.113.7', '1:0:0:0::/64'],
    ['1:2:3:4:5:6:203.0.113.7', '1:2:3:4::/64'],
    ['2001:db8::203.0.113.7', '2001:db8:0:0::/64'],
  ])('puts %s into the bucket %s (CVE-2026-45364) [R12]', (address, bucket) => {
    expect(addressBucket(address)).toBe(bucket);
  });

  it.each([
    undefined,
    '',
    'unknown',
    'localhost',
    '203.0.113',
    '203.0.113.256',
    '203.0.113.07',
    '203.0.113.7, 10.0.0.1',
    '203.0.113.7 ',
    '203.0.113.7:',
    '2001:db8::1::2',
    '2001:db8:1:2:3:4:5:6:7',
    '[2001:db8::1',
    '2001:db8::1]:443',
    'x[2001:db8::1]',
    'x2001:db8::1',
    '203.0.113.7:443x',
    '%1\n::1',
    '[2001:db8::1]:x',
    '%eth0',
    'g::1',
    '::1\n',
    'x'.repeat(100_000),
  ])('puts %j into the bucket of clients without an address [R12]', (address) => {
    expect(addressBucket(address)).toBe('unknown');
  });

  it('puts all addresses of one /64, in any spelling, and no others into one bucket [R12]', () => {
    const group = fc.nat(0xffff);
    const prefixes = fc.tuple(fc.integer({ min: 1, max: 0xffff }), group, group, group);
    const hosts = fc.tuple(group, group, group, group);
    const spell = (groups: readonly number[], pad: boolean, upper: boolean) => {
      const text = groups.map((each) => each.toString(16).padStart(pad ? 4 : 1, '0')).join(':');
      return upper ? text.toUpperCase() : text;
    };
    fc.assert(
      fc.property(prefixes, hosts, hosts, fc.boolean(), (prefix, one, two, flag) => {
        const a = addressBucket(spell([...prefix, ...one], flag, !flag));
        expect(addressBucket(`[${spell([...prefix, ...two], !flag, flag)}]:443`)).toBe(a);
        const [first, ...others] = prefix;
        const other = [(first % 0xffff) + 1, ...others, ...one];
        expect(addressBucket(spell(other, flag, flag))).not.toBe(a);
      }),
    );
  });

  it('accepts the addresses that node:net accepts [R12]', () => {
    const nearly = fc
      .tuple(
        fc.oneof(fc.ipV4(), fc.ipV6()),
        fc.nat(),
        fc.constantFrom('', ':', '::', '.', '0', 'f', '1'),
      )
      .map(([address, at, text]) => {
        const cut = at % (address.length + 1);
        return address.slice(0, cut) + text + address.slice(cut + (at % 3));
      });
    const anything = fc.string({ unit: fc.constantFrom(...'019af:.'), maxLength: 24 });
    // A port is taken off first.
    const bare = fc.oneof(nearly, anything).filter((text) => !/^[\d.]+:\d+$/.test(text));
    let addresses = 0;
    fc.assert(
      fc.property(bare, (text) => {
        if (isIP(text) !== 0) addresses += 1;
        expect(addressBucket(text) === 'unknown').toBe(isIP(text) === 0);
      }),
      { numRuns: 20_000 },
    );
    expect(addresses).toBeGreaterThan(1_000);
  });

  it('never throws [R12]', () => {
    const anything = fc.string({ unit: fc.constantFrom(...'19af:.%[]-_~/@\n'), maxLength: 24 });
    const zoned = fc.tuple(fc.ipV6(), anything).map(([address, zone]) => `${address}%${zone}`);
    const bucket = /^(?:unknown|[\d.]+|[\da-f:]+::\/64)$/;
    fc.assert(
      fc.property(fc.oneof(anything, zoned), (text) => {
        expect(addressBucket(text)).toMatch(bucket);
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('isPrivateBucket', () => {
  it.each([
    ...['172.22.0.1', '100.70.0.1', '100.110.0.1', '100.121.0.1'],
    ...['10.1.2.3', '127.0.0.1', '192.168.0.1', '172.16.0.1', '172.31.255.255', '169.254.1.1'],
    ...[
      '100.64.0.1',
      '100.127.0.1',
      '::1',
      '::ffff:127.0.0.1',
      'fd12::1',
      'fc00::1',
      'fe80::1%eth0',
    ],
  ])('is true for %s', (address) => expect(isPrivateBucket(addressBucket(address))).toBe(true));

  it.each([
    '203.0.113.1',
    '172.32.0.1',
    '172.15.0.1',
    '100.63.0.1',
    '100.128.0.1',
    '11.0.0.1',
    '100.130.0.1',
    '172.40.0.1',
    '203.10.1.1',
    '1.127.0.1',
    '2001:db8::1',
    '',
  ])('is false for %j', (address) => expect(isPrivateBucket(addressBucket(address))).toBe(false));
});

describe('networkOf', () => {
  it('is the IPv4 address, the /48 of an IPv6 bucket, and none without an address [R12, R13]', () => {
    expect(networkOf(addressBucket('2001:db8:1:2::3'))).toBe('2001:db8:1::/48');
    expect(networkOf(addressBucket('2001:db8::'))).toBe('2001:db8:0::/48');
    expect(networkOf(addressBucket('203.0.113.1'))).toBe('203.0.113.1');
    expect(siteOf(addressBucket('203.0.113.1'))).toBeUndefined();
    expect(siteOf(addressBucket('2001:db8:1:2::3'))).toBe('2001:db8:1::/48');
    expect(networkOf(addressBucket(undefined))).toBeUndefined();
  });
});
