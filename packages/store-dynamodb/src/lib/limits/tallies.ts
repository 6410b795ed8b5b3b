import type { Tallied, Tally } from '@otp/core/store';
import { type Item, numberOf, toNumberValue, toStringValue, toTtl } from '../table/attributes.js';
import type { Change, Table } from '../table/table.js';
import { limitKey } from './limit-item.js';

const DAY_SECONDS = 86_400;
/** Seconds that may be left to forget, because forgetting costs a write. */
const MAX_STALE = 8;
const ALWAYS = 'attribute_not_exists(never)';

/**
 * The tallies: one item each, in which `s1234` counts the messages that were opened at second 1234 and `v1234` how many
 * of them were verified, so that counting needs no condition and no repeat.
 */
export class Tallies {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async tally(asked: Tally, now: number): Promise<Tallied> {
    const key = limitKey(asked.key);
    const seconds = parseSeconds(await this.#counted(key, asked, now));
    const dayAgo = asked.until - DAY_SECONDS;
    const { sent, verified, kept } = judge(
      seconds.filter(({ at }) => at > dayAgo),
      asked,
    );
    const stale = seconds.slice(kept);
    if (stale.length > MAX_STALE) {
      // A failure is harmless: the next call forgets them.
      await this.#table.update(key, forgetChange(stale)).catch(() => {});
    }
    return { sent, verified };
  }

  async #counted(key: string, asked: Tally, now: number): Promise<Item | undefined> {
    const change = countChange(asked, now);
    if (change === undefined) return this.#table.get(key);
    const written = await this.#table.update(key, change);
    return written.ok ? written.item : written.current();
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

function judge(seconds: readonly Second[], { until, enough }: Tally): Tallied & { kept: number } {
  let [sent, verified, kept] = [0, 0, 0];
  for (const second of seconds) {
    if (sent >= enough) break;
    kept += 1;
    if (second.at > until) continue;
    sent += second.sent;
    verified += second.verified;
  }
  return { sent, verified, kept };
}

/** A repeat after a lost answer counts one too many, which changes no decision. */
function countChange({ at, sent, verified }: Tally, now: number): Change | undefined {
  if (sent === 0 && verified === 0) return undefined;
  const ttl = { ':ttl': toTtl(now + DAY_SECONDS * 1000) };
  if (sent === 1) {
    return {
      condition: ALWAYS,
      update: 'SET #sent = if_not_exists(#sent, :zero) + :one, #ttl = :ttl',
      values: { ':one': toNumberValue(1), ':zero': toNumberValue(0), ...ttl },
      names: { '#sent': `s${at}`, '#ttl': 'ttl' },
      isRepeatable: true,
    };
  }
  return {
    condition: 'attribute_exists(#sent)',
    update: 'SET #verified = if_not_exists(#verified, :zero) + :one',
    values: { ':one': toNumberValue(1), ':zero': toNumberValue(0) },
    names: { '#sent': `s${at}`, '#verified': `v${at}` },
    isRepeatable: true,
  };
}

/** Few enough for one expression. */
const MAX_FORGOTTEN = 50;

function forgetChange(stale: readonly Second[]): Change {
  const attributes = stale.slice(-MAX_FORGOTTEN).flatMap(({ at }) => [`s${at}`, `v${at}`]);
  const names = Object.fromEntries(attributes.map((name, index) => [`#a${index}`, name]));
  return {
    // DynamoDB requires at least one value.
    condition: 'pk <> :none',
    update: `REMOVE ${Object.keys(names).join(', ')}`,
    values: { ':none': toStringValue('') },
    names,
    isRepeatable: true,
  };
}
