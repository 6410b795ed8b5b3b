import type { Refused } from '@otp/core/store';
import { nameOf } from './keys.js';
import { parseRefusal, toArray } from './replies.js';
import type { Server } from './server.js';
import { type Charge, type Step, toUndo } from './steps.js';

export interface SlotCharge {
  /** The refusal of the first limit that has no room. */
  readonly refused: Refused | undefined;
  /** The failure of a slot. */
  readonly failure: PromiseRejectedResult | undefined;
  /** What each read has found, in the slots that have not refused. */
  readonly found: ReadonlyMap<Step, unknown>;
  /** Takes back what was counted. */
  undo(): Promise<void>;
}

/**
 * Charges limits in a cluster, where a script reaches one slot: one script for each slot, all at once.
 *
 * @param reads follow the charges of their slot
 */
export async function chargeSlots(
  server: Server,
  charges: readonly Charge[],
  reads: readonly Step[] = [],
): Promise<SlotCharge> {
  const slots = [...new Set([...charges, ...reads].map(slotOf))].map((slot) => ({
    limits: charges.filter((each) => slotOf(each) === slot),
    effects: reads.filter((each) => slotOf(each) === slot),
  }));
  const replies = await Promise.allSettled(slots.map((slot) => server.run('charge', slot)));
  const refusals = new Map<Charge | undefined, Refused>();
  const found = new Map<Step, unknown>();
  const undo: Step[] = [];
  for (const [index, { limits, effects }] of slots.entries()) {
    const reply = replies[index];
    if (reply?.status !== 'fulfilled') continue;
    const { values, reads: answers } = reply.value;
    const refused = parseRefusal(reply.value, limits);
    if (refused !== undefined) {
      refusals.set(limits[Number(values[0]) - 1], refused);
      continue;
    }
    for (const [place, effect] of effects.entries()) found.set(effect, answers[place]);
    // None for what an earlier call with the same op has charged.
    for (const [place, receipt] of toArray(values[0]).entries()) {
      const charge = limits[place];
      if (charge !== undefined && toArray(receipt).length > 0) undo.push(toUndo(charge, receipt));
    }
  }
  return {
    refused: charges.map((charge) => refusals.get(charge)).find((each) => each !== undefined),
    failure: replies.find((reply) => reply.status === 'rejected'),
    found,
    undo: () => followSlots(server, undo),
  };
}

/** Runs effects, one script for each slot. */
export async function followSlots(
  server: Server,
  effects: readonly Step[],
  args: { readonly openedAt?: number } = {},
): Promise<void> {
  const slots = [...new Set(effects.map(slotOf))];
  await Promise.all(
    slots.map((slot) =>
      server.run('charge', { ...args, effects: effects.filter((each) => slotOf(each) === slot) }),
    ),
  );
}

function slotOf({ key }: Step): string {
  return nameOf(key);
}
