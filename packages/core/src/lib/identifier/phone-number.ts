import { parsePhoneNumberFromString } from 'libphonenumber-js/mobile';

export interface MobileNumber {
  /** E.164. A trunk prefix behind the calling code is removed: `+330612345678` becomes `+33612345678`. */
  readonly value: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
}

/** The library also reads `tel:` URIs, extensions, punctuation and digits of other scripts, none of which we accept. */
const PLUS_AND_DIGITS = /^\+[0-9]{7,15}$/;

/**
 * Parses a mobile number by the `mobile` metadata of libphonenumber-js.
 *
 * @returns undefined for fixed lines, premium and shared-cost numbers, and for numbers that belong to no country
 */
export function parseMobileNumber(input: string): MobileNumber | undefined {
  if (!PLUS_AND_DIGITS.test(input)) return undefined;
  const number = parsePhoneNumberFromString(input);
  if (number?.country === undefined || !number.isValid()) return undefined;
  return { value: number.number, country: number.country };
}
