import type { OtpMessage } from '@otp/core';
import type { OtpStore } from '@otp/core/store';

/** One call of a store. */
export interface StoreCall {
  readonly verb: keyof OtpStore;
  readonly args: readonly unknown[];
}

/** A store that records its calls and can be made to fail. */
export interface RecordingStore extends OtpStore {
  /** Every call, in order. */
  readonly calls: readonly StoreCall[];
  /** Ids of the records that were opened and not cancelled. */
  readonly stored: ReadonlySet<string>;
  /** Makes every further call reject with the error; `undefined` makes them succeed again. */
  fail(error: Error | undefined): void;
}

/** Creates a store that passes every call on to another one and records it. */
export function recordCalls(store: OtpStore): RecordingStore {
  const calls: StoreCall[] = [];
  const stored = new Set<string>();
  let failure: Error | undefined;

  function pass<Verb extends keyof OtpStore>(verb: Verb): OtpStore[Verb] {
    const target = store[verb].bind(store) as (...args: unknown[]) => Promise<unknown>;
    const passing = async (...args: unknown[]) => {
      calls.push({ verb, args });
      if (failure !== undefined) throw failure;
      return target(...args);
    };
    // Same parameters, same result.
    return passing as OtpStore[Verb];
  }

  const open = pass('open');
  const cancel = pass('cancel');
  return {
    calls,
    stored,
    fail(error) {
      failure = error;
    },
    async open(record, limits, tallies) {
      const opened = await open(record, limits, tallies);
      if (opened.ok) stored.add(record.id);
      return opened;
    },
    async cancel(id, send, refunds) {
      await cancel(id, send, refunds);
      if (send === 1) stored.delete(id);
    },
    read: pass('read'),
    reserveSend: pass('reserveSend'),
    recordSend: pass('recordSend'),
    reserveCheck: pass('reserveCheck'),
    complete: pass('complete'),
    charge: pass('charge'),
    reset: pass('reset'),
    ping: pass('ping'),
    close: pass('close'),
  };
}

/** Whether the verification that a message belongs to has a record. */
export function isRecorded({ stored }: RecordingStore, { idempotencyKey }: OtpMessage): boolean {
  const [id = ''] = idempotencyKey.split('.');
  return stored.has(id);
}
