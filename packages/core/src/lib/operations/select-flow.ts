import { type Failure, fail } from '../errors.js';
import type { CreateRequest } from '../http/request.js';
import { type NormalizedIdentifier, normalizeIdentifier } from '../identifier/identifier.js';

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
      /** Must then be the recipient of the challenge. */
      readonly identifier: NormalizedIdentifier | undefined;
    };

/**
 * A challenge token makes it a step-up, whatever stands beside it; otherwise an identifier makes it a
 * standalone verification. Neither, or an identifier that is none, is a `bad_request`.
 */
export function selectFlow(request: CreateRequest): SelectedFlow | Failure<'bad_request'> {
  const { challengeToken } = request;
  const normalized = request.identifier && normalizeIdentifier(request.identifier);
  if (normalized?.ok === false) return normalized;
  const identifier = normalized?.identifier;
  if (challengeToken !== undefined) {
    return { ok: true, flow: 'step-up', challengeToken, identifier };
  }
  if (identifier !== undefined) return { ok: true, flow: 'standalone', identifier };
  return fail('bad_request', 'body: must have challenge_token or identifier');
}
