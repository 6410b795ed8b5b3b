import * as v from 'valibot';
import { type ChallengeClaims, subjectIssuer } from '../challenge/claims.js';
import { text } from '../util/schema.js';

/** The signed-in user of a call that takes a challenge token. */
export interface ExpectedUser {
  /** The id of the signed-in user. */
  readonly sub: string;
  /** The id of the session that sends the request; null when the challenges of the host name none. */
  readonly sid: string | null;
  /** The issuer of the challenge, whose user `sub` is. @default the issuer of the service */
  readonly iss?: string;
}

/** Entries of a schema. */
export const EXPECTED_USER = {
  sub: v.custom<string>(isName, 'must be the id of the signed-in user'),
  sid: v.nullable(
    v.custom<string>(isName, 'must be the id of the session, or null when there is none'),
  ),
  iss: v.optional(text()),
};

export function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

/** The reason why a token is not for this user and session, if it is not. */
export function findUserMismatch(
  { issuer }: { readonly issuer: string },
  claims: ChallengeClaims,
  { sub, sid, iss = issuer }: v.InferOutput<v.ObjectSchema<typeof EXPECTED_USER, undefined>>,
): 'user' | 'session' | undefined {
  if (subjectIssuer(claims, issuer) !== iss || claims.sub !== sub) return 'user';
  return (claims.sid ?? null) === sid ? undefined : 'session';
}
