import type { Tallied, Tally } from '@otp/core/store';
import { type Item, numberOf, toNumber, toText, toTtl } from './attributes.js';
import { limitKey } from './limit-item.js';
import type { Change, Table } from './table.js';

const DAY_SECONDS = 86_400;
/** So many may be left to forget: each time costs a write. */
const MAX_STALE = 8;
const ALWAYS = 'attribute_not_exists(never)';

/**
 * Messages and the successes that followed them: one item each, in which `s1234` counts what was opened at second
 * 1234 and `v1234` what of it was verified, so that counting needs no condition and waits for nobody.
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
      // Whoever asks next forgets them otherwise.
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

/** The newest first. */
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

/** Done twice after a lost answer, it counts one too many: nobody is admitted or refused by one. */
function countChange({ at, sent, verified }: Tally, now: number): Change | undefined {
  if (sent === 0 && verified === 0) return undefined;
  const ttl = { ':ttl': toTtl(now + DAY_SECONDS * 1000) };
  if (sent === 1) {
    return {
      condition: ALWAYS,
      update: 'SET #sent = if_not_exists(#sent, :zero) + :one, #ttl = :ttl',
      values: { ':one': toNumber(1), ':zero': toNumber(0), ...ttl },
      names: { '#sent': `s${at}`, '#ttl': 'ttl' },
      isRepeatable: true,
    };
  }
  return {
    condition: 'attribute_exists(#sent)',
    update: 'SET #verified = if_not_exists(#verified, :zero) + :one',
    values: { ':one': toNumber(1), ':zero': toNumber(0) },
    names: { '#sent': `s${at}`, '#verified': `v${at}` },
    isRepeatable: true,
  };
}

/** As many as one expression may name. */
const MAX_FORGOTTEN = 50;

function forgetChange(stale: readonly Second[]): Change {
  const attributes = stale.slice(-MAX_FORGOTTEN).flatMap(({ at }) => [`s${at}`, `v${at}`]);
  const names = Object.fromEntries(attributes.map((name, place) => [`#a${place}`, name]));
  return {
    // There has to be a value in an expression.
    condition: 'pk <> :none',
    update: `REMOVE ${Object.keys(names).join(', ')}`,
    values: { ':none': toText('') },
    names,
    isRepeatable: true,
  };
}
