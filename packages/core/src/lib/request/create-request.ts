import * as v from 'valibot';
import { CODE_CHALLENGE } from '../challenge/pkce.js';
import { fail, type Result } from '../errors.js';
import type { JsonObject } from '../http/body.js';
import type { Identifier } from '../ports.js';

export const ChallengeTokenMember = v.pipe(
  v.string('challenge_token: must be a string'),
  v.nonEmpty('challenge_token: must not be empty'),
);

export const CreateRequestSchema = v.object({
  challenge_token: v.optional(ChallengeTokenMember),
  identifier: v.optional(
    v.object(
      {
        type: v.picklist(
          ['phone_number', 'email_address'],
          'identifier.type: must be phone_number or email_address',
        ),
        value: v.pipe(
          v.string('identifier.value: must be a string'),
          v.nonEmpty('identifier.value: must not be empty'),
        ),
      },
      'identifier: must be an object with type and value',
    ),
  ),
  dispatch_id: v.optional(
    v.pipe(
      v.string('dispatch_id: must be a string'),
      v.regex(/^[A-Za-z0-9_.:-]{1,128}$/, 'dispatch_id: must be 1 to 128 of A-Z a-z 0-9 _ . : -'),
    ),
  ),
  login_config_id: v.optional(
    v.pipe(
      v.string('login_config_id: must be a string'),
      v.nonEmpty('login_config_id: must not be empty'),
    ),
  ),
  code_challenge: v.optional(
    v.pipe(
      v.string('code_challenge: must be a string'),
      v.regex(CODE_CHALLENGE, 'code_challenge: must be 43 characters of base64url'),
    ),
  ),
  code_challenge_method: v.optional(v.literal('S256', 'code_challenge_method: must be S256')),
});

/** The members of a create request. `selectFlow` requires a challenge token or an identifier. */
export interface CreateRequest {
  readonly challengeToken?: string | undefined;
  /** As the client wrote it; see `normalizeIdentifier`. */
  readonly identifier?: Identifier | undefined;
  readonly dispatchId?: string | undefined;
  readonly loginConfigId?: string | undefined;
  readonly codeChallenge?: string | undefined;
}

/**
 * Checks the members of a create request. Unknown members are ignored.
 *
 * @param body as `parseJsonBody` returns it
 * @returns the members, or `bad_request` with a message that names the field
 */
export function parseCreateRequest(
  body: JsonObject,
): Result<{ value: CreateRequest }, 'bad_request'> {
  const parsed = v.safeParse(CreateRequestSchema, body, { abortEarly: true });
  if (!parsed.success) return fail('bad_request', parsed.issues[0].message);
  const { challenge_token, identifier, dispatch_id, login_config_id, code_challenge } =
    parsed.output;
  const value = {
    challengeToken: challenge_token,
    identifier,
    dispatchId: dispatch_id,
    loginConfigId: login_config_id,
    codeChallenge: code_challenge,
  };
  return { ok: true, value };
}
