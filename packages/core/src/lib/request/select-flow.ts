import { type FixedCodes, normalizeRecipient } from '../channels/fixed-codes.js';
import { type Failure, fail } from '../errors.js';
import { type NormalizedIdentifier, normalizeIdentifier } from '../identifier/identifier.js';
import type { Identifier } from '../ports.js';
import type { CreateRequest } from './create-request.js';

/** The flow of a create request. */
export type SelectedFlow =
  | {
      readonly ok: true;
      readonly flow: 'standalone';
      readonly identifier: NormalizedIdentifier;
    }
  | {
      readonly ok: true;
      readonly flow: 'step-up';
      readonly challengeToken: string;
      /** If present, it must equal the recipient of the challenge. */
      readonly identifier: NormalizedIdentifier | undefined;
    };

interface FlowConfig {
  /** The recipients that have a fixed code in the standalone flow. */
  readonly fixedCodes: FixedCodes;
  readonly pkce: 'optional' | 'required';
}

/**
 * Selects the flow of a create request: step-up if it has a challenge token, otherwise standalone.
 *
 * @param request as `parseCreateRequest` returns it
 * @param config the fixed codes, and whether a code challenge is required
 * @param now milliseconds since the epoch
 * @returns the flow with its identifier in canonical form, or `bad_request` if there is neither a challenge token nor an
 *   identifier, the identifier is not a mobile number or an e-mail address, or a required code challenge is missing
 */
export function selectFlow(
  request: CreateRequest,
  { fixedCodes, pkce }: FlowConfig,
  now: number,
): SelectedFlow | Failure<'bad_request'> {
  const { challengeToken } = request;
  const normalize = (identifier: Identifier) =>
    challengeToken === undefined
      ? normalizeRecipient(identifier, fixedCodes, now)
      : normalizeIdentifier(identifier);
  const normalized = request.identifier && normalize(request.identifier);
  if (normalized?.ok === false) return normalized;
  const identifier = normalized?.identifier;
  if (challengeToken !== undefined) {
    return { ok: true, flow: 'step-up', challengeToken, identifier };
  }
  if (identifier === undefined) {
    return fail('bad_request', 'body: must have challenge_token or identifier');
  }
  if (pkce === 'required' && request.codeChallenge === undefined) {
    return fail('bad_request', 'code_challenge: is missing');
  }
  return { ok: true, flow: 'standalone', identifier };
}
