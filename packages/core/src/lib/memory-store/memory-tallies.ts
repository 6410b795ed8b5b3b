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

  /** See `OtpStore.open`. `now` is in milliseconds by the store's clock; the times in a tally are the caller's own. */
  read({ key, until, enough }: Tally, now: number): Tallied {
    const counts = this.#live(key, now);
    return counts === undefined
      ? { sent: 0, verified: 0 }
      : sumNewest(counts.seconds, { until, enough });
  }

  /** Counts a message, or the success of one that is known. */
  count(tally: Tally, event: 'sent' | 'verified', now: number): void {
    const counts = this.#live(tally.key, now) ?? { endsAt: 0, seconds: [] };
    count(counts.seconds, tally.at, event);
    // Forgets what is too old to be judged.
    sumNewest(counts.seconds, tally);
    if (event === 'verified') return;
    counts.endsAt = now + DAY_MS;
    this.#counts.set(tally.key, counts, now);
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

  #live(key: string, now: number): Counts | undefined {
    const known = this.#counts.get(key);
    return known !== undefined && known.endsAt > now ? known : undefined;
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

function count(seconds: Second[], at: number, event: 'sent' | 'verified'): void {
  const found = seconds.find((second) => second.at === at);
  if (event === 'verified') {
    if (found !== undefined) found.verified = Math.min(found.sent, found.verified + 1);
  } else if (found !== undefined) {
    found.sent += 1;
  } else {
    const older = seconds.findIndex((second) => second.at < at);
    seconds.splice(older === -1 ? seconds.length : older, 0, { at, sent: 1, verified: 0 });
  }
}

/** Sums the newest messages up to `until` that make `enough`, and forgets older ones. */
function sumNewest(seconds: Second[], { until, enough }: Pick<Tally, 'until' | 'enough'>): Tallied {
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
