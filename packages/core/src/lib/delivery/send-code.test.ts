import { cookieOf } from '@otp/testing';
import {
  answerOf,
  createFakeProvider,
  isCut,
  isDown,
  PHONE,
  refuses,
  rejectionsDuring,
  replaceVerbs,
  type ScenarioOptions,
  setUp,
} from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../memory-store/memory-store.js';
import type { Channel, Sender, SentMessage } from '../ports.js';

/** A share of the recipient that one create uses up, without time between creates, and without warnings. */
const ONE_CREATE = {
  limits: {
    standalone: {
      recipient: [{ max: 2, windowSeconds: 3_600 }],
      recipientShare: [{ max: 1, windowSeconds: 3_600 }],
    },
    app: [{ max: 1_000_000_000, windowSeconds: 3_600 }],
  },
  retryIntervalSeconds: 0,
} as const;

function setUpSender(sender: Sender, options: ScenarioOptions = {}) {
  return setUp({ ...ONE_CREATE, channels: { sms: { sender, countries: 'ALL' } }, ...options });
}

describe('the first send', () => {
  it('leaves nothing behind when every sender is unavailable [S11]', async () => {
    const sender = createFakeProvider(isDown);
    const t = setUpSender(sender);
    expect(answerOf(await t.create(PHONE))).toBe('internal');
    expect(t.store.stored.size).toBe(0);
    sender.act = async () => undefined;
    expect(answerOf(await t.create(PHONE))).toBe('204');
  });

  it('leaves no verification but its charges when the recipient is rejected [S11]', async () => {
    const sender = createFakeProvider(refuses);
    const t = setUpSender(sender);
    expect(answerOf(await t.create(PHONE))).toBe('auth_blocked');
    expect(t.store.stored.size).toBe(0);
    sender.act = async () => undefined;
    expect(answerOf(await t.create(PHONE))).toBe('auth_blocked');
    expect(sender.asked).toHaveLength(1);
  });

  it('keeps the verification when the message may be out [S10]', async () => {
    const sender = createFakeProvider(isCut);
    const t = setUpSender(sender);
    const created = await t.create(PHONE);
    expect(t.events).toMatchObject([
      { type: 'send_failed', kind: 'unknown' },
      { type: 'message_sent', outcome: 'unknown' },
    ]);
    expect(answerOf(await t.check(cookieOf(created), sender.asked[0]?.code ?? ''))).toBe('200');
  });

  it('is a fault when the store cannot undo the verification', async () => {
    const memory = createMemoryStore();
    const cancel = () => Promise.reject(new Error('the store is down'));
    const store = replaceVerbs(memory, { cancel });
    const t = setUpSender(createFakeProvider(isDown), { store });
    expect(answerOf(await t.create(PHONE))).toBe('internal');
    expect(t.events).toMatchObject([
      { type: 'send_failed' },
      { type: 'fault', during: 'delivery' },
      { type: 'fault', during: 'create', error: { message: 'the store is down' } },
    ]);
  });
});

describe('the channel on record', () => {
  function setUpChannels(...used: (Channel | undefined)[]) {
    const sender: Sender = {
      send: async () => {
        const channel = used.shift();
        return channel === undefined ? undefined : { channel };
      },
    };
    const t = setUpSender(sender);
    const recorded = () =>
      t.store.calls
        .filter(({ verb }) => verb === 'recordSend')
        .map(({ args: [, ...sent] }) => sent)
        .filter(([, sent]) => Object.hasOwn(sent as SentMessage, 'channel'));
    return { ...t, recorded };
  }

  it('stays the planned one when that was used', async () => {
    const t = setUpChannels('sms');
    await t.open(PHONE);
    expect(t.recorded()).toEqual([]);
  });

  it('is the one that was used, and the planned one again after a later send through it', async () => {
    const t = setUpChannels('whatsapp', undefined);
    const cookie = await t.open(PHONE);
    expect(t.events).toMatchObject([{ type: 'message_sent', channel: 'whatsapp' }]);
    expect(answerOf(await t.retry(cookie))).toBe('204');
    expect(t.recorded()).toEqual([
      [1, { channel: 'whatsapp', tallies: [] }],
      [2, { channel: 'sms', tallies: [] }],
    ]);
  });
});

describe('sending behind the answer', () => {
  function setUpBehind(sender: Sender, options: ScenarioOptions = {}) {
    const works: Promise<unknown>[] = [];
    const t = setUpSender(sender, { waitUntil: (work) => void works.push(work), ...options });
    const settle = async () => {
      await Promise.all(works.splice(0));
      await t.service.drain();
    };
    return { ...t, works, settle };
  }

  it('begins after the answer', async () => {
    const sender = createFakeProvider();
    const t = setUpBehind(sender);
    await t.open(PHONE);
    expect([t.works.length, sender.asked.length, t.events.length]).toEqual([1, 0, 0]);
    await t.settle();
    expect(t.events).toMatchObject([{ type: 'message_sent' }]);
  });

  it.each([
    ['the sender is down', isDown],
    ['the recipient is rejected', refuses],
  ])('undoes nothing when %s, as for a decoy', async (_, act) => {
    const t = setUpBehind(createFakeProvider(act));
    await t.open(PHONE);
    await t.settle();
    expect(t.store.stored.size).toBe(1);
    expect(answerOf(await t.create(PHONE))).toBe('auth_blocked');
  });

  it('is handed over for a decoy too, which sends nothing', async () => {
    const sender = createFakeProvider();
    const t = setUpBehind(sender, { guard: () => 'block', onBlock: 'silent' });
    await t.open(PHONE);
    expect(t.works).toHaveLength(1);
    await t.settle();
    expect(sender.asked).toEqual([]);
    expect(t.events).toMatchObject([{ type: 'decoy', send: 1 }]);
    expect(t.store.stored.size).toBe(1);
  });

  it('is handed over for a retry that the guard blocks, which sends nothing [S16]', async () => {
    const sender = createFakeProvider();
    let verdict: 'allow' | 'block' = 'allow';
    const t = setUpBehind(sender, { guard: () => verdict, onBlock: 'silent' });
    const cookie = await t.open(PHONE);
    await t.settle();
    verdict = 'block';
    expect(answerOf(await t.retry(cookie))).toBe('204');
    expect([t.works.length, t.events.length]).toEqual([1, 1]);
    await t.settle();
    expect(sender.asked).toHaveLength(1);
    expect(t.events).toMatchObject([{ type: 'message_sent' }, { type: 'decoy', send: 2 }]);
  });

  it('reports a store that fails, and leaves no unhandled rejection', async () => {
    const memory = createMemoryStore();
    const rejections = await rejectionsDuring(async () => {
      const t = setUpBehind(createFakeProvider(), {
        store: replaceVerbs(memory, {
          recordSend: async () => {
            throw new Error('the store is down');
          },
        }),
      });
      await t.open(PHONE);
      await t.settle();
      expect(t.events).toMatchObject([
        { type: 'message_sent' },
        { type: 'fault', during: 'delivery' },
      ]);
    });
    expect(rejections).toEqual([]);
  });
});
