import { setTimeout as sleep } from 'node:timers/promises';
import { type ChannelOptions, createMemoryStore, SendError } from '@otp/core';
import { createFakeProvider, type ScenarioOptions, setUp } from '@otp/testing/internal';
import { expect, test } from 'vitest';

const NUMBER = '+33612345678';
const INPUT = { identifier: { type: 'phone_number', value: NUMBER } };
const CLIENT = { address: '203.0.113.7' };

/** By SMS, and again by WhatsApp. */
function channels(): { sms: ChannelOptions; whatsapp: ChannelOptions } {
  const sender = createFakeProvider();
  return {
    sms: { sender, retryChannel: 'whatsapp', countries: 'ALL' },
    whatsapp: { sender, countries: 'ALL' },
  };
}

test('the channel is that of the newest message', async () => {
  const { service, clock } = setUp({ channels: channels() });
  const { handle } = await service.create(INPUT, CLIENT);
  expect((await service.status(handle)).status?.channel).toBe('sms');
  clock.advance(30);
  await service.retry(handle, CLIENT);
  expect((await service.status(handle)).status?.channel).toBe('whatsapp');
});

test('every response and message names the same end, whatever the clock of the store says', async () => {
  const options = { store: createMemoryStore(), retryIntervalSeconds: 0 };
  const { service, clock, sender } = setUp(options);
  const end = new Date(clock.now() + 600_000);
  const { handle } = await service.create(INPUT, CLIENT);
  const named = [];
  for (let round = 0; round < 2; round += 1) {
    await sleep(5);
    clock.advance(30);
    named.push((await service.status(handle)).status?.expiresAt);
    await service.retry(handle, CLIENT);
  }
  named.push(...sender.messages.map(({ expiresAt }) => expiresAt));
  expect(named).toEqual([end, end, end, end, end]);
});

test('a decoy has the status of any other verification, also after a retry by another channel [P02]', async () => {
  const run = async (verdict: 'allow' | 'block') => {
    const work: Promise<unknown>[] = [];
    const options: ScenarioOptions = {
      channels: channels(),
      guard: () => verdict,
      onBlock: 'silent',
      waitUntil: (promise) => void work.push(promise),
    };
    const { service, clock } = setUp(options);
    const { handle } = await service.create(INPUT, CLIENT);
    const seen = [];
    const see = async () => {
      await Promise.all(work.splice(0));
      seen.push(await service.status(handle));
    };
    await see();
    await service.check(handle, { code: '000000' }, CLIENT);
    clock.advance(30);
    await service.retry(handle, CLIENT);
    await see();
    clock.advance(600);
    seen.push(await service.status(handle));
    return seen;
  };
  const statuses = await run('allow');
  expect(statuses.map(({ ok }) => ok)).toEqual([true, true, false]);
  expect(await run('block')).toEqual(statuses);
});

test('a verification whose create could not send has no status', async () => {
  const { service, sender, store } = setUp();
  sender.fail(new SendError('unavailable', 'down'));
  expect((await service.create(INPUT, CLIENT)).ok).toBe(false);
  expect(store.stored.size).toBe(0);
});
