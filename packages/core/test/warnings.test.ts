import { serviceOptions } from '@otp/test/service-options';
import { post } from '@otp/testing';
import { directExchange, email } from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';
import type { OtpEvent, Warning } from '../src/lib/events/events.js';
import { createOtpService } from '../src/lib/service.js';

const APP = [{ max: 2_000, windowSeconds: 3600 }];

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
  it('tell of limits that one client network can use up, when the service is made [R13]', async () => {
    const warning = (each: Warning) => ({ type: 'warning', warning: each });
    expect(await eventsOf({})).toEqual([warning('no_app_budget')]);
    const standalone = { recipientShare: [{ max: 2, windowSeconds: 3600 }] };
    const limits = { app: [{ max: 1_250, windowSeconds: 3600 }], standalone };
    expect(await eventsOf(limits)).toEqual([
      warning('app_budget_for_one_network'),
      warning('recipient_share_too_large'),
    ]);
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
