import type { KeyObject } from 'node:crypto';
import * as v from 'valibot';
import { parseOptions } from '../util/schema.js';
import { MAX_OWN_TOKEN_LENGTH } from './challenge-token.js';
import {
  type ChallengeIssuer,
  localKeys,
  parseIssuer,
  type RemoteKeysConfig,
  type TrustedIssuer,
} from './issuer-keys.js';

interface OwnIssuer {
  readonly issuer: string;
  /** By key id. */
  readonly verifiers: ReadonlyMap<string, KeyObject>;
}

const Issuers = v.array(
  v.custom<ChallengeIssuer>(() => true),
  'must be an array of { issuer, jwks } or { issuer, jwksUrl }',
);

/**
 * The issuers whose challenge tokens are accepted, ours first.
 *
 * @throws TypeError that names the option and says what to write
 */
export function resolveIssuers(
  { issuer, verifiers }: OwnIssuer,
  challengeIssuers: readonly ChallengeIssuer[] = [],
  remote: RemoteKeysConfig,
): readonly TrustedIssuer[] {
  const others = parseOptions(Issuers, challengeIssuers, 'challengeIssuers').map((each, index) =>
    parseIssuer(each, `challengeIssuers[${index}]`, remote),
  );
  const names = [issuer, ...others.map((each) => each.issuer)];
  if (new Set(names).size < names.length) {
    throw new TypeError(
      'challengeIssuers must have each issuer once, and not our own, which is always trusted.',
    );
  }
  const own = { issuer, findKey: localKeys(verifiers), maxTokenLength: MAX_OWN_TOKEN_LENGTH };
  return [own, ...others];
}
