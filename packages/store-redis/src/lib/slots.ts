import type { Limit, Refused } from '@otp/core/store';
import { groupBySlot, type Keys, type LimitGroup } from './keys.js';
import { CHARGE, REFUND, UNDO } from './limit-scripts.js';
import { parseReply, type Reply, STATUS, toRefused } from './replies.js';
import type { Server } from './server.js';

/** In a cluster a script reaches one slot: these charge the limits of each slot by one, all at once. */
export class Slots {
  readonly #server: Server;
  readonly #keys: Keys;

  constructor(server: Server, keys: Keys) {
    this.#server = server;
    this.#keys = keys;
  }

  async charge(limits: readonly Limit[], op: string): Promise<SlotCharge> {
    const groups = groupBySlot(limits);
    const replies = await Promise.allSettled(
      groups.map(async (group) =>
        parseReply(
          await this.#server.run(CHARGE, this.#keysOf(group), [limitArg(group.limits), op]),
        ),
      ),
    );
    return {
      refused: firstRefusal(groups, replies),
      failure: replies.find((reply) => reply.status === 'rejected'),
      undo: () => this.#undo(groups, replies, op),
    };
  }

  async refund(limits: readonly Limit[]): Promise<void> {
    await Promise.all(
      groupBySlot(limits).map((group) =>
        this.#server.run(REFUND, this.#keysOf(group), [limitArg(group.limits)]),
      ),
    );
  }

  async #undo(
    groups: readonly LimitGroup[],
    replies: readonly PromiseSettledResult<Reply>[],
    op: string,
  ): Promise<void> {
    const counted = groups.flatMap((group, place) => {
      const reply = replies[place];
      return reply?.status === 'fulfilled' && reply.value.status === STATUS.counted
        ? [{ group, at: Number(reply.value.rest[0]) }]
        : [];
    });
    await Promise.all(
      counted.map(({ group, at }) =>
        this.#server.run(UNDO, this.#keysOf(group), [limitArg(group.limits), op, at]),
      ),
    );
  }

  #keysOf({ limits }: LimitGroup): string[] {
    return limits.map(({ key }) => this.#keys.limit(key));
  }
}

export interface SlotCharge {
  /** By the first in the list that has no room. */
  readonly refused: Refused | undefined;
  readonly failure: PromiseRejectedResult | undefined;
  /** Takes back what was counted. */
  undo(): Promise<void>;
}

/** A record's own step. */
export interface RecordStep<Answer> {
  readonly answer: Answer;
  /** Where it has counted something. */
  readonly undo: (() => Promise<unknown>) | undefined;
}

/**
 * Waits for a record's step and for the limits that are charged beside it. When one of them refuses, the record
 * is undone before the limits: should that stop half-way, a limit stays charged and no record is unlimited.
 */
export async function settleTogether<Answer>(
  step: Promise<RecordStep<Answer>>,
  charge: Promise<SlotCharge>,
): Promise<Answer | Refused> {
  const [[record], charged] = await Promise.all([Promise.allSettled([step]), charge]);
  // Unknown whether it has run: then the limits stay charged.
  if (record.status === 'rejected') throw record.reason;
  const { answer, undo } = record.value;
  const undoBoth = async () => {
    await undo?.();
    await charged.undo();
  };
  if (charged.failure !== undefined) {
    // The caller gets the failure, and not the wait for a server that may be down.
    undoBoth().catch(() => undefined);
    throw charged.failure.reason;
  }
  // Refused by itself, or known from before, when its limits were charged.
  if (undo === undefined) {
    await charged.undo();
    return answer;
  }
  if (charged.refused !== undefined) await undoBoth();
  return charged.refused ?? answer;
}

/** What the scripts read. */
export function limitArg(limits: readonly Limit[]): string {
  return JSON.stringify(
    limits.map(({ cost = 1, gapsSeconds, windows }) => [
      cost,
      gapsSeconds ?? false,
      windows.map(({ max, windowSeconds }) => [max, windowSeconds]),
    ]),
  );
}

function firstRefusal(
  groups: readonly LimitGroup[],
  replies: readonly PromiseSettledResult<Reply>[],
): Refused | undefined {
  let first = Number.POSITIVE_INFINITY;
  let refused: Refused | undefined;
  for (const [number, { limits, places }] of groups.entries()) {
    const reply = replies[number];
    if (reply?.status !== 'fulfilled' || reply.value.status !== STATUS.refused) continue;
    const place = places[Number(reply.value.rest[0]) - 1] ?? 0;
    if (place > first) continue;
    first = place;
    refused = toRefused(reply.value.rest, limits);
  }
  return refused;
}
