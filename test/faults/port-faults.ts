import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import {
  type Channel,
  createMemoryStore,
  type OtpMessage,
  SendError,
  type Sender,
} from '@otp/core';
import { createTestClock, createTestSender, type RecordingStore, recordCalls } from '@otp/testing';
import { isRecorded, PHONE, setUp, type TestKit } from '@otp/testing/internal';
import { vi } from 'vitest';
import { type Around, aroundFunction, aroundMethods } from './around-calls.js';

/** What goes wrong with one call to a port. `loses its reply and is repeated` is what a driver may do. */
export const FAULTS = [
  'fails before its work',
  'fails after its work',
  'hangs before its work',
  'hangs after its work',
  'loses its reply and is repeated',
] as const;

export type Fault = (typeof FAULTS)[number];

/** How long each port is waited for, in milliseconds. Signing is our own work, on this machine. */
const LIMITS_MS: Readonly<Record<string, number>> = {
  store: 2_000,
  sender: 6_000,
  guard: 1_000,
  findRecipient: 1_000,
  session: 1_000,
};

/** Whether a call can go wrong in that way. */
export function canFail(call: string, fault: Fault): boolean {
  if (fault.startsWith('hangs')) return limitOf(call) !== undefined;
  // `refund` has no `op`, so a driver must not repeat it.
  if (fault.startsWith('loses')) return call.startsWith('store.') && call !== 'store.refund';
  return true;
}

function limitOf(call: string): number | undefined {
  return LIMITS_MS[call.split('.')[0] ?? ''];
}

/** A service whose every port can be made to fail, at one call of one request. */
export interface FaultyKit extends TestKit {
  /** What the memory store really holds, whatever the service was told. */
  readonly memory: RecordingStore;
  /** Messages that went out while there was no record for them. */
  readonly orphans: readonly OtpMessage[];
  /** The channel that the sender says it used; undefined: the one that it was asked for. */
  uses(channel: Channel | undefined): void;
  /** Does one request and answers the calls to ports that it made. */
  observe<T>(work: () => Promise<T>): Promise<readonly string[]>;
  /** Does one request with a fault at its call number `index`. */
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

/** By the port's contract a sender that has taken a message must not say that it has not. */
function toError(call: string, kind: 'unavailable' | 'unknown'): Error {
  return call === 'sender.send' ? new SendError(kind, 'fault') : new Error('fault');
}
