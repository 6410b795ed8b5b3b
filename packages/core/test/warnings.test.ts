import { serviceOptions } from '@otp/test/service-options';
import { post } from '@otp/testing';
import { directExchange, email } from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';
import type { OtpEvent } from '../src/lib/events.js';
import { addressBucket, isPrivateBucket, networkOf } from '../src/lib/limits/client-address.js';
import { createOtpService } from '../src/lib/service.js';

const APP = [{ max: 9, windowSeconds: 3600 }];

async function eventsOf(limits: object, addresses: readonly string[] = []): Promise<OtpEvent[]> {
  const events: OtpEvent[] = [];
  const options = { ...serviceOptions(), limits, onEvent: (event: OtpEvent) => events.push(event) };
  const service = createOtpService(options);
  for (const [n, clientAddress] of addresses.entries()) {
    await directExchange(service, { clientAddress })(post('/', email(`u${n}@example.com`)));
  }
  return events.filter(({ type }) => type === 'warning');
}

describe('warnings', () => {
  it('tell of a budget that is missing, when the service is made', async () => {
    expect(await eventsOf({})).toEqual([{ type: 'warning', warning: 'no_app_budget' }]);
    expect(await eventsOf({ app: APP })).toEqual([]);
  });

  it('tell of private client addresses once, without the address [P01]', async () => {
    const events = await eventsOf({ app: APP }, ['10.0.0.1', '10.0.0.2', '::1']);
    expect(events).toEqual([{ type: 'warning', warning: 'private_client_address' }]);
    expect(await eventsOf({ app: APP }, ['203.0.113.1', '2001:db8::1'])).toEqual([]);
  });
});

describe('a create without a client address', () => {
  it.each([[''], ['unknown'], ['203.0.113']])('by %j is told once', async (address) => {
    const addresses = [address, address];
    expect(await eventsOf({ app: APP }, addresses)).toEqual([
      { type: 'warning', warning: 'no_client_address' },
    ]);
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
  it('is the /48 of an IPv6 bucket, and none of any other [R12]', () => {
    expect(networkOf(addressBucket('2001:db8:1:2::3'))).toBe('2001:db8:1::/48');
    expect(networkOf(addressBucket('2001:db8::'))).toBe('2001:db8:0::/48');
    expect(networkOf(addressBucket('203.0.113.1'))).toBeUndefined();
    expect(networkOf(addressBucket(undefined))).toBeUndefined();
  });
});
