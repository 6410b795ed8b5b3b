import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import {
  type Channel,
  createMemoryStore,
  type OtpMessage,
  SendError,
  type Sender,
} from '@otp/core';
import { createTestClock, createTestSender, type RecordingStore } from '@otp/testing';
import { isRecorded, PHONE, recordCalls, setUp, type TestKit } from '@otp/testing/internal';
import { vi } from 'vitest';
import { type Around, aroundFunction, aroundMethods } from './around-calls.js';

/** Faults of one call of a port. A driver may repeat a call whose reply was lost. */
export const FAULTS = [
  'fails before its work',
  'fails after its work',
  'hangs before its work',
  'hangs after its work',
  'loses its reply and is repeated',
] as const;

export type Fault = (typeof FAULTS)[number];

/** Time limits of the ports, in milliseconds. Signing has none. */
const LIMITS_MS: Readonly<Record<string, number>> = {
  store: 2_000,
  sender: 6_000,
  guard: 1_000,
  findRecipient: 1_000,
  session: 1_000,
};

/** Whether a call can have that fault. */
export function canFail(call: string, fault: Fault): boolean {
  if (fault.startsWith('hangs')) return limitOf(call) !== undefined;
  if (fault.startsWith('loses')) return call.startsWith('store.');
  return true;
}

function limitOf(call: string): number | undefined {
  return LIMITS_MS[call.split('.')[0] ?? ''];
}

/** A service whose ports can fail at any call of a request. */
export interface FaultyKit extends TestKit {
  /** The memory store, whatever result the service received. */
  readonly memory: RecordingStore;
  /** Messages that were sent without a record. */
  readonly orphans: readonly OtpMessage[];
  /** Sets the channel that the sender returns; undefined for none. */
  uses(channel: Channel | undefined): void;
  /** Runs one request; returns its calls of ports. */
  observe<T>(work: () => Promise<T>): Promise<readonly string[]>;
  /** Runs one request with a fault at its call number `index`. */
  inject<T>(fault: Fault, index: number, work: () => Promise<T>): Promise<T>;
}

export function setUpFaulty(): FaultyKit {
  let calls: string[] = [];
  let planned: { readonly fault: Fault; readonly index: number; onHang(): void } | undefined;
  const plannedHere = (call: string) =>
    planned?.index === calls.push(call) - 1 ? planned : undefined;
  const around: Around = async (call, run) => {
    const here = plannedHere(call);
    if (here === undefined) return run();
    switch (here.fault) {
      case 'fails before its work':
        throw toError(call, 'unavailable');
      case 'fails after its work':
        await run();
        throw toError(call, 'unknown');
      case 'hangs before its work':
        here.onHang();
        return new Promise(() => {});
      case 'hangs after its work':
        await run();
        here.onHang();
        return new Promise(() => {});
      case 'loses its reply and is repeated':
        await run();
        return run();
    }
  };

  const clock = createTestClock();
  const memory = recordCalls(createMemoryStore({ now: clock.now }));
  const inbox = createTestSender();
  const orphans: OtpMessage[] = [];
  let used: Channel | undefined;
  const sender: Sender = aroundMethods<Sender>(
    'sender',
    {
      async send(message) {
        await inbox.send(message);
        if (!isRecorded(memory, message)) orphans.push(message);
        return used === undefined ? undefined : { channel: used };
      },
    },
    around,
  );
  const kit = setUp({
    testClock: clock,
    testSender: inbox,
    store: aroundMethods('store', memory, around),
    channels: { sms: { sender, countries: 'ALL' }, email: { sender } },
    guard: aroundFunction('guard', () => 'allow' as const, around),
    findRecipient: aroundFunction(
      'findRecipient',
      () => ({ type: 'phone_number' as const, value: PHONE.identifier.value }),
      around,
    ),
    session: aroundFunction('session', () => 'session-1', around),
  });
  const { sign } = crypto;
  vi.spyOn(crypto, 'sign').mockImplementation((...args: Parameters<typeof sign>) => {
    const here = plannedHere('signer');
    if (here?.fault !== 'fails before its work') {
      const signature = sign(...args);
      if (here === undefined) return signature;
    }
    throw toError('signer', 'unavailable');
  });
  syncBuiltinESMExports();

  return {
    ...kit,
    memory,
    orphans,
    uses(channel) {
      used = channel;
    },
    async observe(work) {
      calls = [];
      await work();
      return calls;
    },
    async inject(fault, index, work) {
      calls = [];
      const hung = new Promise<void>((resolve) => {
        planned = { fault, index, onHang: resolve };
      });
      const done = work();
      await Promise.race([hung, done]);
      await vi.advanceTimersByTimeAsync(limitOf(calls.at(-1) ?? '') ?? 0);
      const result = await done;
      planned = undefined;
      return result;
    },
  };
}

/** A sender that has accepted a message must not reject with `unavailable`. */
function toError(call: string, kind: 'unavailable' | 'unknown'): Error {
  return call === 'sender.send' ? new SendError(kind, 'fault') : new Error('fault');
}
