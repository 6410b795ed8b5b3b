import { type Failure, fail } from '../errors.js';
import type { Identifier } from '../ports.js';
import { isPhoneCountry, parseMobileNumber } from './phone-number.js';

/** A recipient in the one spelling that is checked, counted, stored and sent to. */
export interface NormalizedIdentifier extends Identifier {
  /** ISO 3166-1 alpha-2 of a phone number; absent for an address. */
  readonly country?: string;
}

export type NormalizeResult =
  | { readonly ok: true; readonly identifier: NormalizedIdentifier }
  | Failure<'bad_request'>;

/** A plus and ASCII digits; no `tel:`, no `;ext=`, no other digits. */
const PHONE = /^\+[0-9]{7,15}$/;

/** RFC 5321 Dot-string in ASCII, at most 64 octets; no quoted form, no comment, no IP literal. */
const LOCAL_PART = /^(?=.{1,64}$)[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;

/** RFC 1035 labels, two at least, the last one no number: `a@127.0.0.1` is not a domain. */
const DOMAIN =
  /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!(?:[0-9]+|0x[0-9a-f]*)$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

const MAX_ADDRESS = 254;

/**
 * Turns what a client wrote into its canonical form: E.164 for a mobile number (libphonenumber's mobile
 * metadata), lower case for an ASCII e-mail address. Answers `bad_request` for everything else: also
 * for fixed lines, premium and shared-cost numbers, and numbers that belong to no country.
 * Normalising twice changes nothing.
 * @throws TypeError when it is no `{ type, value }` of texts.
 */
export function normalizeIdentifier(identifier: Identifier): NormalizeResult {
  const { type, value } = identifier ?? {};
  if (typeof value === 'string') {
    if (type === 'phone_number') return normalizePhone(value);
    if (type === 'email_address') return normalizeEmail(value);
  }
  throw new TypeError(
    "identifier must be like { type: 'phone_number' or 'email_address', value: '…' }.",
  );
}

function normalizePhone(value: string): NormalizeResult {
  const number = PHONE.test(value) ? parseMobileNumber(value) : undefined;
  if (number === undefined) {
    return fail('bad_request', 'identifier.value: must be a mobile phone number in E.164 form');
  }
  return { ok: true, identifier: { type: 'phone_number', ...number } };
}

function normalizeEmail(value: string): NormalizeResult {
  // ASCII first: lower-casing the Kelvin sign gives a plain k.
  if (value.length <= MAX_ADDRESS && /^[\x21-\x7e]+$/.test(value)) {
    const address = value.toLowerCase();
    const at = address.indexOf('@');
    if (at !== -1 && LOCAL_PART.test(address.slice(0, at)) && DOMAIN.test(address.slice(at + 1))) {
      return { ok: true, identifier: { type: 'email_address', value: address } };
    }
  }
  return fail('bad_request', 'identifier.value: must be an e-mail address in ASCII');
}

/** Whether a text is the ISO 3166-1 alpha-2 code of a country that has phone numbers. */
export function isCountry(code: unknown): boolean {
  return typeof code === 'string' && isPhoneCountry(code);
}

/**
 * What limits count under: addresses that differ only by a `+tag` are one person's, and at Gmail by dots and the older
 * name of its domain too (https://support.google.com/mail/answer/7436150).
 */
export function velocityName({ value }: Identifier): string {
  // A phone number has no @.
  const name = value.replace(/\+[^@]*@/, '@');
  if (!name.endsWith('@gmail.com') && !name.endsWith('@googlemail.com')) return name;
  return `${name.slice(0, name.indexOf('@')).replaceAll('.', '')}@gmail.com`;
}
