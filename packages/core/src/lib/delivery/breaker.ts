import type { BreakerState } from '../events/events.js';

/** How long a breaker stays open before it lets a probe through. */
const OPEN_MS = 30_000;
/** Consecutive failures that open a breaker. */
const MAX_FAILURES = 5;
/** Recipients and client networks of these failures, so that none of them opens a breaker alone. */
const MIN_RECIPIENTS = 3;
const MIN_NETWORKS = 2;

/** Whom an attempt concerns: a failure may be the fault of either. */
export interface Parties {
  readonly recipient: string;
  /** Of the client that requested the message; undefined if its address is unknown. */
  readonly network: string | undefined;
}

/** `undecided`: says nothing about the provider, for example a rejected recipient. */
export type Health = 'healthy' | 'failed' | 'undecided';

/**
 * Spares requests the wait for a provider that is down. Five consecutive failures, of three recipients and two networks,
 * open the breaker for 30 s; then it lets one probe through at a time. A healthy probe closes the breaker. A failed one
 * keeps it open for another 30 s if the failed probe before was of another recipient and network. Otherwise all attempts
 * are let through until one of them decides, so that failing probes of one client hold up nobody else.
 */
export interface Breaker {
  /** Whether `enter` would return a permit now. */
  isReady(): boolean;
  /** Undefined: do not use the provider. Every permit must be handed back to `leave`. */
  enter(): number | undefined;
  leave(permit: number, health: Health, parties: Parties): void;
}

/**
 * @param now milliseconds of a monotonic clock
 * @param onChange called when the breaker opens or closes
 */
export function createBreaker(now: () => number, onChange: (state: BreakerState) => void): Breaker {
  let run = createRun();
  /** Undefined: closed. */
  let openedAt: number | undefined;
  let isProbing = false;
  /** The last probe has failed, which has not kept the breaker open. */
  let isInDoubt = false;
  let failedProbe: Parties | undefined;
  /** Counts how often the breaker has opened, was kept open, or has closed: the permit of attempts since then. */
  let era = 0;

  const open = () => {
    openedAt = now();
    run = createRun();
    isProbing = false;
    isInDoubt = false;
    era += 1;
  };
  const close = () => {
    openedAt = undefined;
    failedProbe = undefined;
    era += 1;
  };
  const isReady = () =>
    openedAt === undefined || isInDoubt || (!isProbing && now() - openedAt >= OPEN_MS);
  return {
    isReady,
    enter() {
      if (!isReady()) return undefined;
      isProbing = openedAt !== undefined;
      return era;
    },
    leave(permit, health, parties) {
      // An attempt from before the breaker opened says nothing about the provider now.
      if (permit !== era) return;
      isProbing = false;
      if (health === 'undecided') return;
      if (openedAt === undefined) {
        if (health === 'healthy') run = createRun();
        else if (run.add(parties)) {
          open();
          onChange('open');
        }
      } else if (health === 'healthy') {
        close();
        onChange('closed');
      } else {
        const isConfirmed = failedProbe !== undefined && areApart(failedProbe, parties);
        failedProbe = parties;
        if (isConfirmed) open();
        else isInDoubt = true;
      }
    },
  };
}

interface Run {
  /** Returns whether the failures in a row suffice to open the breaker. */
  add(failed: Parties): boolean;
}

function createRun(): Run {
  let failures = 0;
  const recipients = new Set<string>();
  const networks = new Set<string | undefined>();
  return {
    add({ recipient, network }) {
      failures += 1;
      if (recipients.size < MIN_RECIPIENTS) recipients.add(recipient);
      if (networks.size < MIN_NETWORKS) networks.add(network);
      return (
        failures >= MAX_FAILURES &&
        recipients.size === MIN_RECIPIENTS &&
        (networks.size === MIN_NETWORKS || networks.has(undefined))
      );
    },
  };
}

function areApart(one: Parties, other: Parties): boolean {
  return (
    one.recipient !== other.recipient &&
    (one.network !== other.network || one.network === undefined)
  );
}
