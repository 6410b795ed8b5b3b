import type { ChallengeClaims, OtpStepKey } from '../challenge/claims.js';
import type { NormalizedIdentifier } from '../identifier/identifier.js';
import { digest } from '../keys/derive.js';
import type { Flow, Limit } from '../ports.js';

/** A challenge token that was verified, with the name that limits and records know it by. */
export interface Challenge {
  readonly claims: ChallengeClaims & { readonly sub: string };
  readonly step: OtpStepKey;
  /** Whom the token names for its step; undefined: the host looks it up. */
  readonly recipient: NormalizedIdentifier | undefined;
  /** Made of `iss` and `jti`, which identify a token whatever its spelling. */
  readonly name: string;
  readonly secondsToRemember: number;
}

export function challengeName(
  config: { readonly appId: string },
  { iss, jti }: { iss: string; jti: string },
): string {
  return digest(['otp/token/v1', config.appId, iss, jti]);
}

/** A token is used up as an event is: by a limit of one. */
export function tokenUsed(name: string, windowSeconds: number): Limit {
  return { key: `t:${name}`, name: 'token_used', windows: [{ max: 1, windowSeconds }] };
}

export function flowOf(challenge: Challenge | undefined): Flow {
  return challenge === undefined ? 'standalone' : 'step-up';
}
