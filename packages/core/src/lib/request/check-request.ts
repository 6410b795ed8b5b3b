import * as v from 'valibot';
import { fail, type Result } from '../errors.js';
import type { JsonObject } from '../http/body.js';
import { normalizeCode } from '../verification/code.js';
import { ChallengeTokenMember } from './create-request.js';

export const CheckRequestSchema = v.object(
  {
    code: v.string('code: must be a string of 4 to 10 digits'),
    challenge_token: v.optional(ChallengeTokenMember),
  },
  'code: is missing',
);

/** The members of a check request. */
export interface CheckRequest {
  /** The ASCII digits alone; see `normalizeCode`. */
  readonly code: string;
  readonly challengeToken?: string | undefined;
}

/**
 * Checks the members of a check request.
 *
 * @param body as `parseJsonBody` returns it
 * @returns the members, or `bad_request` with a message that names the field
 */
export function parseCheckRequest(
  body: JsonObject,
): Result<{ value: CheckRequest }, 'bad_request'> {
  const parsed = v.safeParse(CheckRequestSchema, body, { abortEarly: true });
  if (!parsed.success) return fail('bad_request', parsed.issues[0].message);
  const code = normalizeCode(parsed.output.code);
  if (code === undefined) return fail('bad_request', 'code: must be 4 to 10 digits');
  return { ok: true, value: { code, challengeToken: parsed.output.challenge_token } };
}
