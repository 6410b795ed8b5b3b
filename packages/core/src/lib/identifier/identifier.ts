import { fail, type Result } from '../errors.js';
import type { Identifier } from '../ports.js';
import { parseEmailAddress } from './email-address.js';
import { parseMobileNumber } from './phone-number.js';

/** A recipient in its canonical form, in which it is validated, counted, stored and sent to. */
export interface NormalizedIdentifier extends Identifier {
  /** ISO 3166-1 alpha-2 code of a phone number; absent for an e-mail address. */
  readonly country?: string;
}

/** `identifier` is in canonical form; a failure has a message that names the field and the rule. */
export type NormalizeResult = Result<{ identifier: NormalizedIdentifier }, 'bad_request'>;

/**
 * Converts an identifier to its canonical form: a mobile number to E.164, an ASCII e-mail address to lower case,
 * without the spaces and tabs around it. Normalizing twice changes nothing.
 *
 * @param identifier as a client sends it
 * @returns the canonical identifier, or `bad_request` for all else, including fixed lines, premium and shared-cost
 *   numbers, numbers that belong to no country, and local parts that mail servers route by (`%`, `!`, `|`, `/`, a
 *   backtick, `=?`, a leading `-`)
 * @throws TypeError if `type` is unknown or `value` is not a string
 * @example
 * normalizeIdentifier({ type: 'phone_number', value: '+330612345678' });
 * // { ok: true, identifier: { type: 'phone_number', value: '+33612345678', country: 'FR' } }
 */
export function normalizeIdentifier(identifier: Identifier): NormalizeResult {
  const { type, value } = identifier ?? {};
  if (typeof value === 'string') {
    if (type === 'phone_number') return normalizePhoneNumber(value);
    if (type === 'email_address') return normalizeEmailAddress(value);
  }
  throw new TypeError(
    "identifier must be like { type: 'phone_number', value: '+33612345678' } or { type: 'email_address', value: 'user@example.com' }.",
  );
}

function normalizePhoneNumber(input: string): NormalizeResult {
  const number = parseMobileNumber(input);
  return number === undefined
    ? fail('bad_request', 'identifier.value: must be a mobile phone number in E.164 form')
    : { ok: true, identifier: { type: 'phone_number', ...number } };
}

function normalizeEmailAddress(input: string): NormalizeResult {
  const value = parseEmailAddress(input);
  return value === undefined
    ? fail(
        'bad_request',
        'identifier.value: must be an e-mail address in ASCII, without characters that mail servers route by',
      )
    : { ok: true, identifier: { type: 'email_address', value } };
}
