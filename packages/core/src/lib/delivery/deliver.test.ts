import { setTimeout as sleep } from 'node:timers/promises';
import { serviceOptions } from '@otp/test/service-options';
import { recordCalls } from '@otp/testing';
import { newLimit, newRecord, rejectionsDuring } from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';
import type { OtpEvent } from '../events.js';
import { createMemoryStore } from '../memory-store/memory-store.js';
import { budgetStore } from '../operations/context.js';
import type { OtpServiceOptions } from '../options.js';
import { type OtpMessage, SendError, type Sender } from '../ports.js';
import { resolveOptions } from '../resolve-options.js';
import { type Delivery, deliver } from './deliver.js';

const NOW = Date.UTC(2030, 0, 1);

/** A delivery of a verification that was opened, through a sender that does as it is told. */
async function createWorld(
  send: (message: OtpMessage) => unknown,
  options: Partial<OtpServiceOptions> = {},
) {
  const events: OtpEvent[] = [];
  const messages: OtpMessage[] = [];
  const store = recordCalls(createMemoryStore({ now: () => NOW }));
  const sender = {
    send(message: OtpMessage) {
      messages.push(message);
      return send(message);
    },
  } as Sender;
  const background = new Set<Promise<unknown>>();
  const config = resolveOptions(
    {
      ...serviceOptions(),
      channels: { sms: { sender, countries: 'ALL' } },
      store,
      onEvent: (event) => events.push(event),
      now: () => NOW,
      ...options,
    },
    background,
  );
  const limit = newLimit();
  const record = newRecord();
  await store.open(record, [limit]);
  const route = config.channels.sms;
  if (route === undefined) throw new Error('there is no route');
  const delivery: Delivery = {
    store: budgetStore(config),
    id: record.id,
    send: 1,
    flow: 'standalone',
    route,
    recorded: 'sms',
    identifier: { type: 'phone_number', value: '+33612345678', country: 'FR' },
    code: '123456',
    locale: 'en',
    remainingMs: 600_000,
    dispatchId: undefined,
    decoy: false,
    isFixed: false,
    refunds: [limit],
  };
  return {
    config,
    delivery,
    messages,
    events,
    store,
    background,
    isLive: async () => (await store.reserveCheck(record.id, null, 'op')).ok,
    isRefunded: async () => {
      for (let taken = 1; taken < limit.max; taken += 1) await store.charge([limit], `${taken}`);
      return (await store.charge([limit], 'last')).ok;
    },
  };
}

const throwing = (error: unknown) => () => {
  throw error;
};
const rejecting = (error: unknown) => () => Promise.reject(error);

describe('deliver', () => {
  it('hands the sender everything about the message', async () => {
    const world = await createWorld(async () => undefined, { appName: 'Shop' });
    const { config, delivery, messages, events } = world;
    expect(await deliver(config, { ...delivery, dispatchId: 'dispatch-1' })).toBe('sent');
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
    expect(messages[0]?.idempotencyKey).toContain('1');
    expect(messages[0]?.signal.aborted).toBe(false);
    expect(events).toMatchObject([
      { type: 'message_sent', channel: 'sms', country: 'FR', send: 1, outcome: 'accepted' },
    ]);
    expect(await world.isLive()).toBe(true);
  });

  it('names a repeat of one send alike, the next one otherwise', async () => {
    const { config, delivery, messages } = await createWorld(async () => undefined);
    await deliver(config, delivery);
    await deliver(config, delivery);
    await deliver(config, { ...delivery, send: 2 });
    const [first, repeat, next] = messages.map(({ idempotencyKey }) => idempotencyKey);
    expect(repeat).toBe(first);
    expect(next).not.toBe(first);
  });

  it('hands on no dispatch id when there is none', async () => {
    const { config, delivery, messages } = await createWorld(async () => undefined);
    await deliver(config, delivery);
    expect(messages[0]?.dispatchId).toBeUndefined();
  });

  it.each([
    [600_000, '10 min'],
    [119_999, '1 min'],
    [1, '1 min'],
  ])('with %i ms left, the message says %s', async (remainingMs, text) => {
    const { config, delivery, messages } = await createWorld(async () => undefined);
    await deliver(config, { ...delivery, remainingMs });
    expect(messages[0]?.content.text).toContain(`${text}.`);
  });

  it.each([
    ['resolves with nothing', async () => undefined],
    ['answers at once, without a promise', () => undefined],
    ['resolves with null', async () => null],
    ['resolves with an empty object', async () => ({})],
    ['resolves with the planned channel', async () => ({ channel: 'sms' })],
  ])('has sent through a sender that %s [S12]', async (_, send) => {
    const world = await createWorld(send);
    expect(await deliver(world.config, world.delivery)).toBe('sent');
    expect(world.store.calls.map(({ verb }) => verb)).not.toContain('recordChannel');
    expect(await world.isLive()).toBe(true);
  });

  it('records the channel that was really used', async () => {
    const { config, delivery, store, events } = await createWorld(async () => ({
      channel: 'whatsapp',
    }));
    expect(await deliver(config, delivery)).toBe('sent');
    const [call] = store.calls.filter(({ verb }) => verb === 'recordChannel');
    expect(call?.args).toEqual([delivery.id, 1, 'whatsapp']);
    expect(events).toMatchObject([{ type: 'message_sent', channel: 'whatsapp' }]);
  });

  it('records the planned channel again after another one was used', async () => {
    const { config, delivery, store } = await createWorld(async () => undefined);
    await deliver(config, { ...delivery, recorded: 'whatsapp' });
    const [call] = store.calls.filter(({ verb }) => verb === 'recordChannel');
    expect(call?.args).toEqual([delivery.id, 1, 'sms']);
  });

  it.each([
    ['throws at once', throwing(new Error('down'))],
    ['rejects', rejecting(new Error('down'))],
    ['rejects with a text', rejecting('down')],
    ['rejects with nothing', rejecting(undefined)],
    ['rejects with null', rejecting(null)],
    ['rejects with an object without prototype', rejecting(Object.create(null))],
    [
      'rejects with an error without message',
      rejecting(Object.assign(new Error(), { message: undefined })),
    ],
    ['throws a text at once', throwing('down')],
    ['rejects as unavailable', rejecting(new SendError('unavailable', 'down'))],
    [
      'rejects with a SendError of an unknown kind',
      rejecting(Object.assign(new Error('x'), { name: 'SendError', kind: 'x' })),
    ],
    [
      'rejects with something that only calls itself rejected',
      rejecting(Object.assign(new Error('x'), { kind: 'rejected' })),
    ],
    ['is no function', undefined as never],
  ])('undoes everything when the sender %s [S11, S12]', async (_, send) => {
    const world = await createWorld(send);
    expect(await deliver(world.config, world.delivery)).toBe('unavailable');
    expect(world.events).toMatchObject([{ type: 'send_failed', kind: 'unavailable', send: 1 }]);
    expect(await world.isLive()).toBe(false);
    expect(await world.isRefunded()).toBe(true);
  });

  it('undoes the verification and gives nothing back for a recipient that will never work', async () => {
    const world = await createWorld(rejecting(new SendError('rejected', 'no such number')));
    expect(await deliver(world.config, world.delivery)).toBe('rejected');
    expect(await world.isLive()).toBe(false);
    expect(await world.isRefunded()).toBe(false);
  });

  it('knows a SendError of another copy of this package', async () => {
    const foreign = Object.assign(new Error('x'), { name: 'SendError', kind: 'rejected' });
    const { config, delivery } = await createWorld(rejecting(foreign));
    expect(await deliver(config, delivery)).toBe('rejected');
  });

  it('undoes nothing when the outcome is unknown', async () => {
    const world = await createWorld(rejecting(new SendError('unknown', 'cut')));
    expect(await deliver(world.config, world.delivery)).toBe('unknown');
    expect(world.events).toMatchObject([
      { type: 'send_failed', kind: 'unknown' },
      { type: 'message_sent', outcome: 'unknown' },
    ]);
    expect(await world.isLive()).toBe(true);
    expect(await world.isRefunded()).toBe(false);
  });

  it('undoes everything when the host cannot write the message', async () => {
    const world = await createWorld(async () => undefined);
    const { config, delivery } = world;
    const route = { ...delivery.route, message: throwing(new Error('no template')) };
    expect(await deliver(config, { ...delivery, route })).toBe('unavailable');
    expect(world.messages).toEqual([]);
    expect(await world.isLive()).toBe(false);
  });

  it('sends nothing for a decoy and keeps its record', async () => {
    const world = await createWorld(async () => undefined);
    expect(await deliver(world.config, { ...world.delivery, decoy: true })).toBe('sent');
    expect(world.messages).toEqual([]);
    expect(world.events).toMatchObject([{ type: 'decoy' }]);
    expect(await world.isLive()).toBe(true);
    expect(await world.isRefunded()).toBe(false);
  });

  it('says neither code nor recipient in any event [P01]', async () => {
    const send = rejecting(new Error('could not send 123456 to +33612345678'));
    const { config, delivery, events } = await createWorld(send);
    await deliver(config, delivery);
    expect(JSON.stringify(events)).not.toMatch(/123456|3361234/);
    expect(events).toHaveLength(1);
  });

  it('rejects when the store cannot undo', async () => {
    const { config, delivery, store } = await createWorld(rejecting(new Error('down')));
    store.fail(new Error('the store is down'));
    await expect(deliver(config, delivery)).rejects.toThrow('the store is down');
  });
});

describe('deliver with waitUntil', () => {
  const works: Promise<unknown>[] = [];
  const waitUntil = (work: Promise<unknown>) => void works.push(work);
  const settle = () => Promise.all(works.splice(0));

  it('answers before the sender does, and hands its work over', async () => {
    let finish = () => {};
    const send = () =>
      new Promise<void>((resolve) => {
        finish = resolve;
      });
    const world = await createWorld(send, { waitUntil });
    expect(await deliver(world.config, world.delivery)).toBe('sent');
    expect(world.events).toEqual([]);
    expect(world.background.size).toBe(1);
    // Sending begins behind the answer.
    await new Promise(setImmediate);
    finish();
    await settle();
    expect(world.events).toMatchObject([{ type: 'message_sent' }]);
    expect(world.background.size).toBe(0);
  });

  it('leaves the verification to a retry, and gives nothing back for it', async () => {
    const world = await createWorld(rejecting(new Error('down')), { waitUntil });
    expect(await deliver(world.config, world.delivery)).toBe('sent');
    await settle();
    expect(await world.isLive()).toBe(true);
    expect(await world.isRefunded()).toBe(false);
  });

  it('leaves a verification also to a recipient that is refused, as to a decoy', async () => {
    const failing = rejecting(new SendError('rejected', 'no such number'));
    const world = await createWorld(failing, { waitUntil });
    expect(await deliver(world.config, world.delivery)).toBe('sent');
    await settle();
    expect(await world.isLive()).toBe(true);
    expect(await world.isRefunded()).toBe(false);
  });

  it('reports a store that fails behind the answer, and rejects nothing', async () => {
    const { config, delivery, events } = await createWorld(async () => undefined, { waitUntil });
    const count = () => Promise.reject(new Error('the store is down'));
    const rejections = await rejectionsDuring(async () => {
      await deliver(config, { ...delivery, count });
      await settle();
      await Promise.all(config.unwaited);
    });
    expect(rejections).toEqual([]);
    expect(events).toMatchObject([{ type: 'message_sent' }, { type: 'fault', during: 'delivery' }]);
  });

  it('hands over the work of a decoy too', async () => {
    const world = await createWorld(async () => undefined, { waitUntil });
    expect(await deliver(world.config, { ...world.delivery, decoy: true })).toBe('sent');
    expect(works).toHaveLength(1);
    await settle();
    expect(world.messages).toEqual([]);
  });
});

describe('deliver: time-outs', () => {
  const LIMIT_MS = 200;
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

  it.each(SLOW)(
    'the outcome of a sender that %s is unknown, its signal aborted [S10, S12]',
    async (_, send) => {
      const world = await createWorld(send, { sendTimeoutMs: LIMIT_MS });
      // Asked for before the time is up, as a sender does.
      const begin = performance.now();
      const rejections = await rejectionsDuring(async () => {
        expect(await deliver(world.config, world.delivery)).toBe('unknown');
        const took = performance.now() - begin;
        expect(took).toBeGreaterThan(LIMIT_MS - 20);
        expect(took).toBeLessThan(LIMIT_MS * 3);
        await sleep(400);
      });
      expect(rejections).toEqual([]);
      expect(world.messages[0]?.signal.aborted).toBe(true);
      expect(world.events).toMatchObject([
        { type: 'send_failed', kind: 'unknown' },
        { type: 'message_sent', outcome: 'unknown' },
      ]);
      expect(world.events).toHaveLength(2);
      expect(await world.isLive()).toBe(true);
    },
  );
});
