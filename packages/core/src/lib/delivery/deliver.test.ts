import { setTimeout as sleep } from 'node:timers/promises';
import { rejectionsDuring } from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';
import { resolveDelivery } from '../channels/resolve-delivery.js';
import type { OtpEvent } from '../events/events.js';
import { resolveMessages } from '../messages/resolve-messages.js';
import { type OtpMessage, SendError, type Sender } from '../ports.js';
import { deliver } from './deliver.js';
import type { Delivery, DeliveryContext } from './plan-attempts.js';

const NOW = Date.UTC(2030, 0, 1);

/** A delivery through one sender, which calls `send`. */
function createWorld(
  send: (message: OtpMessage) => unknown,
  { appName = 'app', sendTimeoutMs = 6_000 }: Partial<DeliveryContext> = {},
) {
  const events: OtpEvent[] = [];
  const messages: OtpMessage[] = [];
  const sender = {
    send(message: OtpMessage) {
      messages.push(message);
      return send(message);
    },
  } as Sender;
  const emit = (event: OtpEvent) => void events.push(event);
  const now = () => NOW;
  const options = { channels: { sms: { sender, countries: 'ALL' } } } as const;
  const { channels } = resolveDelivery(options, { messages: resolveMessages({}), emit, now });
  const plan = channels.sms ?? expect.fail('there is no delivery plan');
  const delivery: Delivery = {
    id: 'verification-id',
    send: 1,
    plan,
    identifier: { type: 'phone_number', value: '+33612345678', country: 'FR' },
    parties: { recipient: '+33612345678', network: '203.0.113.7' },
    code: '123456',
    locale: 'en',
    expiresAt: NOW + 600_000,
    dispatchId: undefined,
  };
  return {
    delivery,
    messages,
    events,
    run: (change: Partial<Delivery> = {}) =>
      deliver({ appName, channels, sendTimeoutMs, emit, now }, { ...delivery, ...change }),
  };
}

const ACCEPTED = { outcome: 'accepted', channel: 'sms', sender: 'channels.sms.sender' } as const;
const UNKNOWN = { ...ACCEPTED, outcome: 'unknown' } as const;

const throwing = (error: unknown) => () => {
  throw error;
};
const rejecting = (error: unknown) => () => Promise.reject(error);

describe('deliver', () => {
  it('passes the whole message to the sender', async () => {
    const { run, messages, events } = createWorld(async () => undefined, { appName: 'Shop' });
    expect(await run({ dispatchId: 'dispatch-1' })).toEqual(ACCEPTED);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({
      channel: 'sms',
      to: '+33612345678',
      code: '123456',
      locale: 'en',
      expiresAt: new Date(NOW + 600_000),
      send: 1,
      dispatchId: 'dispatch-1',
    });
    expect(messages[0]?.content.text).toMatch(/123456.*Shop.*10 min/);
    expect(messages[0]?.content.subject).toBeUndefined();
    expect(messages[0]?.signal.aborted).toBe(false);
    expect(events).toEqual([]);
  });

  it('repeats a send with the same idempotency key, and makes the next send with another', async () => {
    const { run, messages } = createWorld(async () => undefined);
    await run();
    await run();
    await run({ send: 2 });
    const [first, repeat, next] = messages.map(({ idempotencyKey }) => idempotencyKey);
    expect(repeat).toBe(first);
    expect(next).not.toBe(first);
  });

  it('leaves out a dispatch id that is undefined', async () => {
    const { run, messages } = createWorld(async () => undefined);
    await run();
    expect(messages[0]).not.toHaveProperty('dispatchId');
  });

  it.each([
    [600_000, '10 min'],
    [595_000, '10 min'],
    [114_999, '1 min'],
    [1, '1 min'],
  ])('says with %i ms left that the code is valid for %s', async (leftMs, text) => {
    const { run, messages } = createWorld(async () => undefined);
    await run({ expiresAt: NOW + leftMs });
    expect(messages[0]?.content.text).toContain(`${text}.`);
  });

  it.each([
    ['resolves with nothing', async () => undefined],
    ['returns undefined instead of a promise', () => undefined],
    ['resolves with null', async () => null],
    ['resolves with an empty object', async () => ({})],
    ['resolves with the planned channel', async () => ({ channel: 'sms' })],
  ])('returns the planned channel for a sender that %s [S12]', async (_, send) => {
    expect(await createWorld(send).run()).toEqual(ACCEPTED);
  });

  it('returns the channel that the sender has used', async () => {
    const { run } = createWorld(async () => ({ channel: 'whatsapp' }));
    expect(await run()).toEqual({ ...ACCEPTED, channel: 'whatsapp' });
  });

  it.each([
    ['throws at once', throwing(new Error('down'))],
    ['rejects', rejecting(new Error('down'))],
    ['rejects with a string', rejecting('down')],
    ['rejects with nothing', rejecting(undefined)],
    ['rejects with null', rejecting(null)],
    ['rejects with an object without prototype', rejecting(Object.create(null))],
    [
      'rejects with an error without message',
      rejecting(Object.assign(new Error(), { message: undefined })),
    ],
    ['throws a string at once', throwing('down')],
    ['rejects as unavailable', rejecting(new SendError('unavailable', 'down'))],
    [
      'rejects with a SendError of an unknown kind',
      rejecting(Object.assign(new Error('x'), { name: 'SendError', kind: 'x' })),
    ],
    [
      'rejects with an error of kind rejected that is no SendError',
      rejecting(Object.assign(new Error('x'), { kind: 'rejected' })),
    ],
    ['is no function', undefined as never],
  ])('is unavailable when the sender %s [S11, S12]', async (_, send) => {
    const { run, events } = createWorld(send);
    expect(await run()).toEqual({ outcome: 'unavailable' });
    expect(events).toMatchObject([
      { type: 'send_failed', kind: 'unavailable', send: 1 },
      { type: 'fault', error: { message: 'no sender accepted the message' } },
    ]);
  });

  it.each([
    ['a SendError', new SendError('rejected', 'no such number')],
    [
      'a SendError of another copy of this package',
      Object.assign(new Error('x'), { name: 'SendError', kind: 'rejected' }),
    ],
  ])('is rejected when the sender rejects the recipient by %s', async (_, error) => {
    expect(await createWorld(rejecting(error)).run()).toEqual({ outcome: 'rejected' });
  });

  it('is unknown when the message may be out', async () => {
    const { run, events } = createWorld(rejecting(new SendError('unknown', 'cut')));
    expect(await run()).toEqual(UNKNOWN);
    expect(events).toMatchObject([{ type: 'send_failed', kind: 'unknown' }]);
  });

  it('is unavailable when the message function of the host throws', async () => {
    const { run, delivery, messages, events } = createWorld(async () => undefined);
    const plan = { ...delivery.plan, message: throwing(new Error('no template')) };
    expect(await run({ plan })).toEqual({ outcome: 'unavailable' });
    expect(messages).toEqual([]);
    expect(events).toMatchObject([{ type: 'fault', error: { message: 'no template' } }]);
  });

  it('emits neither code nor recipient [P01]', async () => {
    const { run, events } = createWorld(
      rejecting(new Error('could not send 123456 to +33612345678')),
    );
    await run();
    expect(JSON.stringify(events)).not.toMatch(/123456|3361234/);
    expect(events).toHaveLength(2);
  });
});

describe.concurrent('deliver: time limit', () => {
  const LIMIT_MS = 300;
  const SLOW: readonly (readonly [string, (message: OtpMessage) => unknown])[] = [
    ['never settles', () => new Promise(() => {})],
    [
      'rejects as unavailable when it is aborted',
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new SendError('unavailable', 'aborted')));
        }),
    ],
    [
      'rejects when it is aborted',
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        }),
    ],
    ['rejects late', () => sleep(LIMIT_MS + 200).then(() => Promise.reject(new Error('late')))],
    ['resolves late', () => sleep(LIMIT_MS + 200)],
  ];

  it.for(SLOW)(
    'is unknown when the sender %s, whose signal is aborted [S10, S12]',
    async ([, send], { expect }) => {
      const world = createWorld(send, { sendTimeoutMs: LIMIT_MS });
      const begin = performance.now();
      const rejections = await rejectionsDuring(async () => {
        expect(await world.run()).toEqual(UNKNOWN);
        const took = performance.now() - begin;
        expect(took).toBeGreaterThan(LIMIT_MS - 20);
        expect(took).toBeLessThan(LIMIT_MS * 3);
        await sleep(400);
      });
      expect(rejections).toEqual([]);
      expect(world.messages[0]?.signal.aborted).toBe(true);
      expect(world.events).toMatchObject([{ type: 'send_failed', kind: 'unknown' }]);
      expect(world.events).toHaveLength(1);
    },
  );
});
