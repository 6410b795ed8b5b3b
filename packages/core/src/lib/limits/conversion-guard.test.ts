import { createTestClock, headerValues } from '@otp/testing';
import { answerOf, limitBothFlows, PHONE, phone, replaceVerbs, setUp } from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../memory-store/memory-store.js';
import type { OtpStore } from '../ports.js';

const BLOCK_SECONDS = 60;
const AFTER_SECONDS = 300;
/** As few as the options allow, to numbers of one prefix. */
const MESSAGES = 5;
const NEXT = '+33612345699';

/** With one message an hour to a recipient, so that a missing refund shows. */
function setUpGuarded(replace: (memory: OtpStore) => Partial<OtpStore> = () => ({})) {
  const clock = createTestClock();
  const memory = createMemoryStore({ now: clock.now });
  return setUp({
    testClock: clock,
    store: replaceVerbs(memory, replace(memory)),
    retryIntervalSeconds: 0,
    limits: {
      ...limitBothFlows({ recipient: [{ max: 1, windowSeconds: 3600 }] }),
      conversion: {
        networkSampleShare: 1,
        prefixSampleSize: MESSAGES,
        blockSeconds: BLOCK_SECONDS,
        afterSeconds: AFTER_SECONDS,
      },
    },
  });
}

/** Sends messages to numbers of the prefix that are never verified, and waits until they count. */
async function pump({ create, clock, service }: ReturnType<typeof setUpGuarded>): Promise<void> {
  for (let n = 0; n < MESSAGES; n += 1) {
    expect(answerOf(await create(phone(`+3361234560${n}`)))).toBe('204');
  }
  await service.drain();
  clock.advance(AFTER_SECONDS + 1);
}

const down = () => Promise.reject(new Error('down'));

describe('a create that the conversion guard judges', () => {
  it('is internal and undone if the store returns too few tallies', async () => {
    let isDown = true;
    const t = setUpGuarded((memory) => ({
      open: async (...args) => {
        const opened = await memory.open(...args);
        return isDown && opened.ok ? { ...opened, tallied: [] } : opened;
      },
    }));
    expect(answerOf(await t.create(PHONE))).toBe('internal');
    t.assertEffects({ stored: 0, sent: 0 });
    isDown = false;
    expect(answerOf(await t.create(PHONE))).toBe('204');
  });

  it('is internal and not undone if it cannot be opened', async () => {
    const t = setUpGuarded(() => ({ open: down }));
    expect(answerOf(await t.create(PHONE))).toBe('internal');
    t.assertEffects({ stored: 0, sent: 0 });
    expect(t.store.calls.map(({ verb }) => verb)).not.toContain('cancel');
  });

  it('is refused by its other limits first, and not undone', async () => {
    const t = setUpGuarded();
    expect(answerOf(await t.create(PHONE))).toBe('204');
    expect(answerOf(await t.create(PHONE))).toBe('auth_blocked');
    expect(t.store.calls.map(({ verb }) => verb)).not.toContain('cancel');
    t.assertEffects({ stored: 1, sent: 1 });
  });

  it('is refused and undone if too few messages were verified', async () => {
    const t = setUpGuarded();
    await pump(t);
    const refused = await t.create(phone(NEXT));
    expect(answerOf(refused)).toBe('auth_blocked');
    expect(headerValues(refused, 'retry-after')).toEqual([String(BLOCK_SECONDS)]);
    t.assertEffects({ stored: MESSAGES, sent: MESSAGES });
    expect(t.events.at(-2)).toMatchObject({
      type: 'low_conversion',
      of: 'number_prefix',
      sent: MESSAGES,
      verified: 0,
      isBlocked: true,
    });
    t.clock.advance(BLOCK_SECONDS);
    expect(answerOf(await t.create(phone(NEXT)))).toBe('204');
  });

  it('is internal and undone if the block cannot be charged', async () => {
    let isDown = false;
    const t = setUpGuarded((memory) => ({
      charge: (...args) => (isDown ? down() : memory.charge(...args)),
    }));
    await pump(t);
    isDown = true;
    expect(answerOf(await t.create(phone(NEXT)))).toBe('internal');
    t.assertEffects({ stored: MESSAGES, sent: MESSAGES });
    isDown = false;
    expect(answerOf(await t.create(phone(NEXT)))).toBe('auth_blocked');
    t.clock.advance(BLOCK_SECONDS);
    expect(answerOf(await t.create(phone(NEXT)))).toBe('204');
  });

  it('is refused, with a fault event, if the tally cannot be reset', async () => {
    const t = setUpGuarded(() => ({ reset: down }));
    await pump(t);
    expect(answerOf(await t.create(phone(NEXT)))).toBe('auth_blocked');
    expect(t.events.at(-2)).toMatchObject({
      type: 'fault',
      during: 'store',
      error: { name: 'Error' },
    });
  });

  it('succeeds, with a fault event, if its message cannot be tallied', async () => {
    const t = setUpGuarded(() => ({ recordSend: down }));
    expect(answerOf(await t.create(PHONE))).toBe('204');
    await t.service.drain();
    expect(t.events.at(-1)).toMatchObject({
      type: 'fault',
      during: 'delivery',
      error: { message: 'down' },
    });
    t.assertEffects({ stored: 1, sent: 1 });
  });
});
