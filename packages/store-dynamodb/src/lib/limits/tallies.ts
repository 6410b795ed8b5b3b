import type { Tallied, Tally } from '@otp/core/store';
import { type Item, numberOf, toTtl } from '../table/attributes.js';
import { expr, nameOf } from '../table/expression.js';
import type { Table } from '../table/table.js';
import { limitKey } from './counter-item.js';

const DAY_SECONDS = 86_400;
/** Few enough for one expression. */
const MAX_FORGOTTEN = 50;
/** A repeat after a lost answer counts one too many, which changes no decision. */
const REPEATABLE = { isRepeatable: true };

/**
 * The tallies: one item each, in which `s1234` counts the messages that were opened at second 1234 and `v1234` how many
 * of them were verified, so that counting needs no condition and no repeat.
 */
export class Tallies {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async read(tally: Tally): Promise<Tallied> {
    const { sent, verified } = judge(
      parseSeconds(await this.#table.get(limitKey(tally.key))),
      tally,
    );
    return { sent, verified };
  }

  async countSent(tally: Tally, now: number): Promise<void> {
    const key = limitKey(tally.key);
    const sent = nameOf(`s${tally.at}`);
    const ttl = toTtl(now + DAY_SECONDS * 1000);
    const written = await this.#table.update(
      key,
      {
        when: [],
        set: [expr`${sent} = if_not_exists(${sent}, ${0}) + ${1}`, expr`${nameOf('ttl')} = ${ttl}`],
      },
      REPEATABLE,
    );
    const seconds = written.ok ? parseSeconds(written.item) : [];
    const stale = seconds.slice(judge(seconds, tally).kept);
    if (stale.length === 0) return;
    const forgotten = stale.slice(-MAX_FORGOTTEN).flatMap(({ at }) => [`s${at}`, `v${at}`]);
    await this.#table.update(key, { when: [], remove: forgotten.map(nameOf) }, REPEATABLE);
  }

  async countVerified({ key, at }: Tally): Promise<void> {
    const verified = nameOf(`v${at}`);
    const change = {
      when: [expr`attribute_exists(${nameOf(`s${at}`)})`],
      set: [expr`${verified} = if_not_exists(${verified}, ${0}) + ${1}`],
    };
    await this.#table.update(limitKey(key), change, REPEATABLE);
  }
}

interface Second extends Tallied {
  readonly at: number;
}

/** Newest first. */
function parseSeconds(item: Item | undefined): Second[] {
  return Object.entries(item ?? {})
    .flatMap(([name, value]) => {
      const at = Number(/^s(\d+)$/.exec(name)?.[1]);
      const sent = numberOf(value);
      const verified = Math.min(sent, numberOf(item?.[`v${at}`]));
      return Number.isInteger(at) && sent > 0 ? [{ at, sent, verified }] : [];
    })
    .toSorted((one, two) => two.at - one.at);
}

/** The newest messages that are enough, of one day; `kept` counts their seconds. */
function judge(seconds: readonly Second[], { until, enough }: Tally): Tallied & { kept: number } {
  let [sent, verified, kept] = [0, 0, 0];
  for (const second of seconds) {
    if (sent >= enough || second.at <= until - DAY_SECONDS) break;
    kept += 1;
    if (second.at > until) continue;
    sent += second.sent;
    verified += second.verified;
  }
  return { sent, verified, kept };
}
