import type { PossibleCounts } from './counts.js';

/** The address of a client; undefined if nobody knows it. */
export interface Client {
  readonly address: string | undefined;
  /** One IPv4 address, or one IPv6 /64. */
  readonly bucket: string;
  /** The /48 of an IPv6 address. */
  readonly site: string | undefined;
  readonly network: string | undefined;
}

/** A challenge token of the host's issuer. */
export interface Challenge {
  readonly name: string;
  readonly text: string;
  readonly user: string;
  readonly recipient: string;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
}

/** The result of a successful create. */
export interface Verification {
  readonly name: string;
  readonly cookie: string;
  readonly code: string;
  readonly recipient: string;
  readonly challenge: Challenge | undefined;
  readonly client: Client;
  /** The recipient that the client names beside a challenge token. */
  readonly beside: 'none' | 'own' | 'another';
  /** The secret that was active at its creation. */
  readonly secret: string;
  readonly openedAt: number;
  readonly endsAt: number;
}

/** The result of a successful check. */
export interface Grant {
  readonly name: string;
  readonly text: string;
  /** The user; undefined after a standalone check. */
  readonly user: string | undefined;
  readonly signedBy: string;
  readonly endsAt: number;
}

export interface Keys {
  readonly active: string;
  /** The active one and those that are still accepted. */
  readonly known: readonly string[];
}

/** The values that clients and host know. */
export interface Book {
  readonly counts: Map<string, PossibleCounts>;
  readonly challenges: Challenge[];
  readonly verifications: Verification[];
  readonly grants: Grant[];
  secrets: Keys;
  signingKeys: Keys;
  /** Number of new recipients so far. */
  strangers: number;
}

/** The element at an index from the end, modulo the length. */
export function newest<T>(list: readonly T[], place: number): T | undefined {
  return list.at(-1 - (place % Math.max(1, list.length)));
}
