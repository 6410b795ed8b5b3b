import type { Limit, OtpStore } from '@otp/core/store';

/** A change of a store. */
export type Effect =
  | 'open'
  | 'guess'
  | 'send'
  | 'record'
  | 'cancel'
  | 'complete'
  | 'charge'
  | 'reset';

export interface EffectStore extends OtpStore {
  /** The changes since the last `forget`, in order. */
  readonly effects: readonly Effect[];
  forget(): void;
}

/** Creates a store that passes every call on to another one and records which calls changed it. */
export function recordEffects(store: OtpStore): EffectStore {
  let effects: Effect[] = [];
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
    async open(...args) {
      const opened = await store.open(...args);
      note('open', opened.ok);
      return opened;
    },
    read: (id) => store.read(id),
    async reserveSend(...args) {
      const reserved = await store.reserveSend(...args);
      note('send', reserved.ok);
      return reserved;
    },
    async recordSend(...args) {
      note('record');
      await store.recordSend(...args);
    },
    async cancel(...args) {
      note('cancel');
      await store.cancel(...args);
    },
    async reserveCheck(...args) {
      const reserved = await store.reserveCheck(...args);
      // A guess that only a limit refuses stays counted.
      note('guess', reserved.ok || 'limit' in reserved);
      return reserved;
    },
    async complete(...args) {
      const completed = await store.complete(...args);
      note('complete', completed.ok);
      return completed;
    },
    async charge(limits, op) {
      const charged = await store.charge(limits, op);
      note('charge', charged.ok && limits.some(isCharged));
      return charged;
    },
    async reset(keys) {
      note('reset');
      await store.reset(keys);
    },
    ping: () => store.ping(),
    close: () => store.close(),
  };
}

function isCharged({ cost }: Limit): boolean {
  return cost !== 0;
}
