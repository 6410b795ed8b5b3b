import {
  type Counter,
  type CounterName,
  countEvent,
  isRepeat,
  type Limit,
  type Refused,
  refusalOf,
} from '@otp/core/store';
import type { Moment } from '../moment.js';
import type { Item } from '../table/attributes.js';
import { type DynamoStoreError, isLost } from '../table/dynamo-error.js';
import type { Change } from '../table/expression.js';
import { lostEveryRace, MAX_ROUNDS, type Table } from '../table/table.js';
import {
  cleanUpChange,
  dropCounter,
  firstCharge,
  giveBackChange,
  lastChargeAt,
  merge,
  nextCharge,
  type Step,
  stepChange,
} from './counter-change.js';
import { limitKey, parseCounter, placesOf } from './counter-item.js';
import { undoEvent } from './undo-event.js';

/** The item of one key, as a charge has left or read it. */
export interface Charged {
  readonly key: string;
  readonly item: Item | undefined;
  /** The limits that this call has counted. */
  readonly counted: readonly Limit[];
}

/** Returns the next state of a counter. */
type Transition = (counter: Counter, limit: Limit) => Counter;

type Answer = Charged | { readonly limit: Limit; readonly refused: Refused };

/** The limits. Those of one key are one item; the items are charged in parallel and undone when one of them refuses. */
export class Limits {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /**
   * @param beforeUndo is awaited before anything is undone
   * @returns what was charged; or the refusal of the first limit that has no room, and nothing is charged
   */
  async charge(
    limits: readonly Limit[],
    moment: Moment,
    beforeUndo: () => Promise<void> = async () => {},
  ): Promise<{ readonly ok: true; readonly charged: readonly Charged[] } | Refused> {
    const outcomes = await Promise.allSettled(
      byKey(limits).map(([key, ofKey]) => this.#chargeKey(key, ofKey, moment)),
    );
    const failed = outcomes.find((each) => each.status === 'rejected');
    const answers = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const charged = answers.filter((each) => 'counted' in each);
    const [refusal] = answers
      .filter((each) => 'refused' in each)
      .toSorted((one, two) => limits.indexOf(one.limit) - limits.indexOf(two.limit));
    if (failed === undefined && refusal === undefined) return { ok: true, charged };
    const undone = beforeUndo().then(() => this.undo(charged, moment));
    // Report a failure of a charge, whether or not the others can be undone.
    await undone.catch((error: unknown) => {
      if (failed === undefined) throw error;
    });
    if (refusal === undefined || failed !== undefined) throw failed?.reason;
    return refusal.refused;
  }

  /** Takes back the events that this call has counted. */
  async undo(charged: readonly Charged[], { now }: Moment): Promise<void> {
    await Promise.all(
      charged.map(({ key, item, counted }) =>
        this.#change(key, item, (current) =>
          toSteps(current, counted, (seen, limit) =>
            undoEvent(seen, parseCounter(item, limit)),
          ).map((step) => stepChange(step, now)),
        ),
      ),
    );
  }

  /** Gives events back. */
  async giveBack(limits: readonly Limit[], now: number, toNext: Transition): Promise<void> {
    await Promise.all(
      byKey(limits).map(async ([key, ofKey]) =>
        this.#change(key, await this.get(key), (current) =>
          toSteps(current, ofKey, toNext).map((step) => stepChange(step, now)),
        ),
      ),
    );
  }

  /** Forgets single counters. */
  async forget(counters: readonly CounterName[]): Promise<void> {
    await Promise.all(
      byKey(counters).map(async ([key, ofKey]) =>
        this.#change(key, await this.get(key), (current) =>
          placesOf(current)
            .filter(({ share }) => ofKey.some((each) => each.share === share))
            .map((place) => dropCounter(place, parseCounter(current, place))),
        ),
      ),
    );
  }

  /** Forgets all counters and tallies of the keys. */
  async reset(keys: readonly string[]): Promise<void> {
    await Promise.all(
      keys.map((key) => this.#table.delete(limitKey(key), [], { isRepeatable: true })),
    );
  }

  get(key: string): Promise<Item | undefined> {
    return this.#table.get(limitKey(key));
  }

  async #chargeKey(key: string, limits: readonly Limit[], moment: Moment): Promise<Answer> {
    const { now, op } = moment;
    const counted = limits.filter(({ cost }) => cost !== 0);
    let change = counted.length === limits.length ? firstCharge(limits, moment) : undefined;
    let lost: DynamoStoreError | undefined;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      try {
        const written = change && (await this.#table.update(limitKey(key), change));
        if (written?.ok) {
          await this.#cleanUp(key, written.item, limits, now);
          return { key, item: written.item, counted };
        }
        const item = await (written === undefined ? this.get(key) : written.current());
        const counters = limits.map((limit) => ({ limit, seen: parseCounter(item, limit) }));
        if (counters.some(({ seen }) => isRepeat(seen, op, now))) {
          return { key, item, counted: lost === undefined ? [] : counted };
        }
        for (const { limit, seen } of counters) {
          const refused = refusalOf(seen, limit, now);
          if (refused !== undefined) return { limit, refused };
        }
        if (counted.length === 0) return { key, item, counted };
        // Another call has charged the item since, so it no longer shows whether this one has.
        if (lost !== undefined && lastChargeAt(item) >= now) throw lost;
        const steps = counters.map(({ limit, seen }) => ({
          limit,
          seen,
          next: limit.cost === 0 ? seen : countEvent(seen, limit, moment),
        }));
        const isExact = lost !== undefined;
        change = nextCharge(item, steps, { moment, isExact, isFirst: round === 0 });
      } catch (error) {
        if (!isLost(error) || lost !== undefined) throw error;
        lost = error;
        change = undefined;
      }
    }
    throw lostEveryRace('limit');
  }

  /** The charge has been counted, and stands if this fails: the next one drops the counters. */
  async #cleanUp(key: string, item: Item, limits: readonly Limit[], now: number): Promise<void> {
    const change = cleanUpChange(item, limits, now);
    if (change !== undefined) await this.#table.update(limitKey(key), change).catch(() => {});
  }

  async #change(
    key: string,
    known: Item | undefined,
    toChanges: (current: Item) => readonly Change[],
  ): Promise<void> {
    let item = known;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const change = item && giveBackChange(item, merge(toChanges(item)));
      if (change === undefined) return;
      const written = change.isDelete
        ? await this.#table.delete(limitKey(key), change.when)
        : await this.#table.update(limitKey(key), change);
      if (written.ok) return;
      item = await written.current();
    }
    throw lostEveryRace('limit');
  }
}

/** The steps of the counters that are there. */
function toSteps(item: Item, limits: readonly Limit[], toNext: Transition): Step[] {
  return limits.flatMap((limit) => {
    const seen = parseCounter(item, limit);
    return seen.lastOp === undefined ? [] : [{ limit, seen, next: toNext(seen, limit) }];
  });
}

function byKey<T extends CounterName>(names: readonly T[]): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const each of names) groups.set(each.key, [...(groups.get(each.key) ?? []), each]);
  return [...groups];
}
