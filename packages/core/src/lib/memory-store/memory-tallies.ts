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

  tally(asked: Tally, now: number): Tallied {
    const known = this.#counts.get(asked.key);
    const counts = known !== undefined && known.endsAt > now ? known : { endsAt: 0, seconds: [] };
    change(counts.seconds, asked);
    const answer = judge(counts.seconds, asked);
    if (asked.sent === 1) {
      counts.endsAt = now + DAY_MS;
      this.#counts.set(asked.key, counts, now);
    } else if (counts.seconds.length === 0) {
      this.#counts.delete(asked.key);
    }
    return answer;
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

/** What was opened at one time. */
interface Second {
  readonly at: number;
  sent: number;
  verified: number;
}

function change(seconds: Second[], { at, sent, verified }: Tally): void {
  if (sent === 0 && verified === 0) return;
  let place = 0;
  while ((seconds[place]?.at ?? at) > at) place += 1;
  const found = seconds[place];
  if (found?.at !== at) {
    if (sent === 1) seconds.splice(place, 0, { at, sent, verified: 0 });
    return;
  }
  found.sent += sent;
  found.verified = Math.min(found.sent, found.verified + verified);
}

/** What there is to judge by; forgets what is older. */
function judge(seconds: Second[], { until, enough }: Tally): Tallied {
  let [sent, verified, place] = [0, 0, 0];
  for (; place < seconds.length && sent < enough; place += 1) {
    const second = seconds[place];
    if (second === undefined || second.at > until) continue;
    if (second.at <= until - DAY_SECONDS) break;
    sent += second.sent;
    verified += second.verified;
  }
  if (place < seconds.length) seconds.length = place;
  return { sent, verified };
}
