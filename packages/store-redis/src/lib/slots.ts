import type { Limit, Refused } from '@otp/core/store';
import { groupBySlot, type Keys, type LimitGroup } from './keys.js';
import { parseRefused, parseReply, type Reply, STATUS } from './replies.js';
import { CHARGE, limitArg, REFUND, UNDO } from './scripts/limit-scripts.js';
import type { Server } from './server.js';

/** Charges limits in a cluster, where a script reaches one slot only: one script for each slot, all at once. */
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
    const counted = groups.flatMap((group, index) => {
      const reply = replies[index];
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
  /** The refusal of the first limit in the caller's array that has no room. */
  readonly refused: Refused | undefined;
  readonly failure: PromiseRejectedResult | undefined;
  /** Takes back what was counted. */
  undo(): Promise<void>;
}

function firstRefusal(
  groups: readonly LimitGroup[],
  replies: readonly PromiseSettledResult<Reply>[],
): Refused | undefined {
  let first = Number.POSITIVE_INFINITY;
  let refused: Refused | undefined;
  for (const [group, { limits, indexes }] of groups.entries()) {
    const reply = replies[group];
    if (reply?.status !== 'fulfilled' || reply.value.status !== STATUS.refused) continue;
    const index = indexes[Number(reply.value.rest[0]) - 1] ?? 0;
    if (index > first) continue;
    first = index;
    refused = parseRefused(reply.value.rest, limits);
  }
  return refused;
}
