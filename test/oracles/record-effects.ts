import type { Limit, OtpStore } from '@otp/core/store';

/** A change of a store. */
export type Effect = 'open' | 'try' | 'send' | 'cancel' | 'channel' | 'claim' | 'charge' | 'relief';

export interface EffectStore extends OtpStore {
  /** The changes since the last `forget`, in order. */
  readonly effects: readonly Effect[];
  forget(): void;
}

/** Creates a store that passes every call on to another one and records which calls changed it. */
export function recordEffects(store: OtpStore): EffectStore {
  let effects: Effect[] = [];
  let lastTry = '';
  const note = (effect: Effect, changed = true) => {
    if (changed) effects.push(effect);
  };
  return {
    get effects() {
      return effects;
    },
    forget() {
      effects = [];
    },
    async open(record, limits) {
      const opened = await store.open(record, limits);
      note('open', opened.ok);
      return opened;
    },
    async reserveCheck(id, binding, op) {
      const reserved = await store.reserveCheck(id, binding, op);
      // A repeat of the same guess changes nothing.
      note('try', reserved.ok && op !== lastTry);
      lastTry = op;
      return reserved;
    },
    async reserveSend(id, limits, op) {
      const reserved = await store.reserveSend(id, limits, op);
      note('send', reserved.ok);
      return reserved;
    },
    async cancel(id, send, refunds) {
      note('cancel');
      await store.cancel(id, send, refunds);
    },
    async recordChannel(id, send, channel) {
      note('channel');
      await store.recordChannel(id, send, channel);
    },
    async claim(id, op) {
      const claimed = await store.claim(id, op);
      note('claim', claimed);
      return claimed;
    },
    async charge(limits, op) {
      const charged = await store.charge(limits, op);
      note('charge', charged.ok && limits.some(isCharged));
      return charged;
    },
    async refund(limits) {
      note('relief');
      await store.refund(limits);
    },
    async reset(keys) {
      note('relief');
      await store.reset(keys);
    },
    // Tallies accompany an open, which is recorded.
    tally: (tallies) => store.tally(tallies),
    ping: () => store.ping(),
    close: () => store.close(),
  };
}

function isCharged({ cost }: Limit): boolean {
  return cost !== 0;
}
