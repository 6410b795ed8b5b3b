import { ExpiringMap } from './expiring-map.js';
import type { Tallied, Tally } from './ports.js';

const DAY_MS = 86_400_000;

/** The tallies of the memory store. */
export class MemoryTallies {
  readonly #counts = new ExpiringMap<Counts>();

  get size(): number {
    return this.#counts.size;
  }

  tally(asked: Tally, now: number): Tallied {
    const known = this.#counts.get(asked.key);
    const isLive = known !== undefined && known.endsAt > now;
    const { answer, seconds } = count(asked, isLive ? known.seconds : []);
    if (seconds.length === 0) {
      this.#counts.delete(asked.key);
    } else if (asked.sent === 1 || !isLive) {
      this.#counts.set(asked.key, { seconds, endsAt: now + DAY_MS }, now);
    } else {
      known.seconds = seconds;
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
  /** The newest first. */
  seconds: readonly Second[];
  readonly endsAt: number;
}

/** What was opened at one time. */
interface Second extends Tallied {
  readonly at: number;
}

function count(asked: Tally, known: readonly Second[]): { answer: Tallied; seconds: Second[] } {
  const seconds: Second[] = [];
  let [sent, verified] = [0, 0];
  for (const second of withChange(asked, known)) {
    if (sent >= asked.enough) break;
    seconds.push(second);
    if (second.at > asked.until) continue;
    sent += second.sent;
    verified += second.verified;
  }
  return { answer: { sent, verified }, seconds };
}

function withChange({ at, sent, verified }: Tally, known: readonly Second[]): readonly Second[] {
  if (sent === 0 && verified === 0) return known;
  const found = known.find((each) => each.at === at) ?? { at, sent: 0, verified: 0 };
  const changed = Math.max(0, found.sent + sent);
  const others = known.filter((each) => each.at !== at);
  if (changed === 0) return others;
  const second = { at, sent: changed, verified: Math.min(changed, found.verified + verified) };
  return [...others, second].toSorted((one, two) => two.at - one.at);
}
