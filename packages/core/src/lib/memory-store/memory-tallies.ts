import type { Tallied, Tally } from '../ports.js';
import { ExpiringMap } from './expiring-map.js';

const DAY_SECONDS = 86_400;
const DAY_MS = DAY_SECONDS * 1000;

/** The tallies of the memory store. */
export class MemoryTallies {
  readonly #counts = new ExpiringMap<Counts>();

  get size(): number {
    return this.#counts.size;
  }

  /** See `OtpStore.tally`. `now` is in milliseconds by the store's clock; the times in a tally are the caller's own. */
  tally(tally: Tally, now: number): Tallied {
    const known = this.#counts.get(tally.key);
    const counts = known !== undefined && known.endsAt > now ? known : { endsAt: 0, seconds: [] };
    count(counts.seconds, tally);
    const tallied = sumNewest(counts.seconds, tally);
    if (tally.sent === 1) {
      counts.endsAt = now + DAY_MS;
      this.#counts.set(tally.key, counts, now);
    } else if (counts.seconds.length === 0) {
      this.#counts.delete(tally.key);
    }
    return tallied;
  }

  delete(key: string): void {
    this.#counts.delete(key);
  }

  sweep(now: number, steps: number): void {
    this.#counts.sweep(now, steps);
  }

  clear(): void {
    this.#counts.clear();
  }
}

interface Counts {
  endsAt: number;
  /** The newest first. */
  readonly seconds: Second[];
}

/** The messages that were opened in one second. */
interface Second {
  readonly at: number;
  sent: number;
  verified: number;
}

function count(seconds: Second[], { at, sent, verified }: Tally): void {
  if (sent === 0 && verified === 0) return;
  const found = seconds.find((second) => second.at === at);
  if (found !== undefined) {
    found.sent += sent;
    found.verified = Math.min(found.sent, found.verified + verified);
  } else if (sent === 1) {
    const older = seconds.findIndex((second) => second.at < at);
    seconds.splice(older === -1 ? seconds.length : older, 0, { at, sent, verified: 0 });
  }
}

/** Sums the newest messages up to `until` that make `enough`, and forgets older ones. */
function sumNewest(seconds: Second[], { until, enough }: Tally): Tallied {
  let sent = 0;
  let verified = 0;
  for (const [index, second] of seconds.entries()) {
    if (sent >= enough || second.at <= until - DAY_SECONDS) {
      seconds.length = index;
      break;
    }
    if (second.at > until) continue;
    sent += second.sent;
    verified += second.verified;
  }
  return { sent, verified };
}
