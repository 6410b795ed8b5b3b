import type { PossibleCounts } from './counts.js';

/** A challenge token that the host's issuer has signed. */
export interface Challenge {
  readonly name: string;
  readonly text: string;
  readonly user: string;
  readonly recipient: string;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
}

/** What a create was answered with. */
export interface Verification {
  readonly name: string;
  readonly cookie: string;
  readonly code: string;
  readonly recipient: string;
  readonly challenge: Challenge | undefined;
  /** Active when it was created. */
  readonly secret: string;
  readonly endsAt: number;
}

/** What a check was answered with. */
export interface Grant {
  readonly name: string;
  readonly text: string;
  /** For whom; undefined after a standalone check. */
  readonly user: string | undefined;
  readonly signedBy: string;
  readonly endsAt: number;
}

export interface Keys {
  readonly active: string;
  /** The active one and those that still count. */
  readonly known: readonly string[];
}

/** All that the clients and the host have seen. */
export interface Book {
  readonly counts: Map<string, PossibleCounts>;
  readonly challenges: Challenge[];
  readonly verifications: Verification[];
  readonly grants: Grant[];
  secrets: Keys;
  signingKeys: Keys;
  /** Recipients that were made up so far. */
  strangers: number;
}

/** By its place from the end, round and round. */
export function newest<T>(list: readonly T[], place: number): T | undefined {
  return list.at(-1 - (place % Math.max(1, list.length)));
}
