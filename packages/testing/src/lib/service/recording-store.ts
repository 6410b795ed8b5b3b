import type { OtpMessage } from '@otp/core';
import type { OtpStore } from '@otp/core/store';

export interface StoreCall {
  readonly verb: keyof OtpStore;
  readonly args: readonly unknown[];
}

export interface RecordingStore extends OtpStore {
  /** Every call, in order. */
  readonly calls: readonly StoreCall[];
  /** Records that were opened and not cancelled since. */
  readonly stored: ReadonlySet<string>;
  /** Resolves when the calls that are under way have ended. */
  drain(): Promise<void>;
  /** Makes every verb reject until told otherwise. */
  fail(error: Error | undefined): void;
}

/** Passes everything on to a store, and remembers what it was asked. */
export function recordCalls(store: OtpStore): RecordingStore {
  const calls: StoreCall[] = [];
  const stored = new Set<string>();
  const pending = new Set<Promise<unknown>>();
  let failure: Error | undefined;

  function pass<Verb extends keyof OtpStore>(verb: Verb): OtpStore[Verb] {
    const target = store[verb].bind(store) as (...args: unknown[]) => Promise<unknown>;
    const passing = async (...args: unknown[]) => {
      calls.push({ verb, args });
      if (failure !== undefined) throw failure;
      const call = target(...args).finally(() => pending.delete(call));
      pending.add(call);
      return call;
    };
    // The same parameters and result: only the time between is ours.
    return passing as OtpStore[Verb];
  }

  const open = pass('open');
  const cancel = pass('cancel');
  return {
    calls,
    stored,
    async drain() {
      await Promise.allSettled(pending);
    },
    fail(error) {
      failure = error;
    },
    async open(record, limits) {
      const opened = await open(record, limits);
      if (opened.ok) stored.add(record.id);
      return opened;
    },
    async cancel(id, send, refunds) {
      await cancel(id, send, refunds);
      if (send === 1) stored.delete(id);
    },
    reserveCheck: pass('reserveCheck'),
    reserveSend: pass('reserveSend'),
    recordChannel: pass('recordChannel'),
    claim: pass('claim'),
    charge: pass('charge'),
    refund: pass('refund'),
    tally: pass('tally'),
    reset: pass('reset'),
    ping: pass('ping'),
    close: pass('close'),
  };
}

/** Whether there is a record of the verification that a message belongs to. */
export function isRecorded({ stored }: RecordingStore, { idempotencyKey }: OtpMessage): boolean {
  const [id = ''] = idempotencyKey.split('.');
  return stored.has(id);
}
