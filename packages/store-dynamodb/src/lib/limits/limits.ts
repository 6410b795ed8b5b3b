import type { Limit, Refused } from '@otp/core/store';
import type { Moment } from '../moment.js';
import { type DynamoStoreError, isLost } from '../table/dynamo-error.js';
import { type Change, lostEveryRace, MAX_ROUNDS, type Table } from '../table/table.js';
import { chargeChange, onlyFirst } from './charge-change.js';
import { isRepeat, type LimitItem, limitKey, parseLimit, refusalOf } from './limit-item.js';
import { canGiveBack, refundChange, undoChange } from './refund-change.js';

/** The limits: one item each, charged at the same time and undone when one of them refuses. */
export class Limits {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Returns the limits that this call has counted, or the refusal of the first limit that has no room. */
  async charge(
    limits: readonly Limit[],
    moment: Moment,
  ): Promise<{ readonly ok: true; readonly counted: readonly Limit[] } | Refused> {
    const outcomes = await Promise.allSettled(limits.map((each) => this.#chargeOne(each, moment)));
    const counted = limits.filter((_, index) => fulfilledValue(outcomes[index]) === 'counted');
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) {
      // Report this failure, whether or not the other limits can be undone.
      await this.undo(counted, moment).catch(() => {});
      throw failed.reason;
    }
    const refused = outcomes.map(fulfilledValue).find((value) => typeof value === 'object');
    if (refused === undefined) return { ok: true, counted };
    await this.undo(counted, moment);
    return refused;
  }

  /** Takes back the events that this call has counted. */
  async undo(counted: readonly Limit[], { op, now }: Moment): Promise<void> {
    await this.#giveBackAll(counted, now, (limit, seen) => undoChange(limit, op, now, seen));
  }

  async refund(limits: readonly Limit[], now: number): Promise<void> {
    await this.#giveBackAll(limits, now, (limit, seen) => refundChange(limit, now, seen));
  }

  async reset(keys: readonly string[]): Promise<void> {
    await Promise.all(keys.map((key) => this.#table.delete(limitKey(key))));
  }

  async #chargeOne(limit: Limit, moment: Moment): Promise<'counted' | 'uncounted' | Refused> {
    const { now, op } = moment;
    const key = limitKey(limit.key);
    if (limit.cost === 0) {
      const item = parseLimit(await this.#table.get(key), limit.windows);
      if (isRepeat(item, op, now)) return 'uncounted';
      return refusalOf(item, limit, now) ?? 'uncounted';
    }
    let change = chargeChange(limit, moment);
    let lost: DynamoStoreError | undefined;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      try {
        const written = await this.#table.update(
          key,
          lost === undefined ? change : onlyFirst(change),
        );
        if (written.ok) return 'counted';
        const item = parseLimit(await written.current(), limit.windows);
        if (isRepeat(item, op, now)) return lost === undefined ? 'uncounted' : 'counted';
        const refused = refusalOf(item, limit, now);
        if (refused !== undefined) return refused;
        // Another call has counted since, so the item no longer shows whether this one has.
        if (lost !== undefined && item.lastAt >= now) throw lost;
        change = chargeChange(limit, moment, item);
      } catch (error) {
        if (!isLost(error) || lost !== undefined) throw error;
        lost = error;
      }
    }
    throw lostEveryRace('limit');
  }

  async #giveBackAll(
    limits: readonly Limit[],
    now: number,
    changeOf: (limit: Limit, seen?: LimitItem) => Change,
  ): Promise<void> {
    await Promise.all(limits.map((limit) => this.#giveBack(limit, now, changeOf)));
  }

  async #giveBack(
    limit: Limit,
    now: number,
    changeOf: (limit: Limit, seen?: LimitItem) => Change,
  ): Promise<void> {
    const key = limitKey(limit.key);
    let change = changeOf(limit);
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const written = await this.#table.update(key, change);
      if (written.ok) return;
      const item = parseLimit(await written.current(), limit.windows);
      if (!limit.windows.some((_, index) => canGiveBack(item, index, now))) return;
      change = changeOf(limit, item);
    }
    throw lostEveryRace('limit');
  }
}

function fulfilledValue<T>(outcome: PromiseSettledResult<T> | undefined): T | undefined {
  return outcome?.status === 'fulfilled' ? outcome.value : undefined;
}
