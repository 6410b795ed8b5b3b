import type { CountryCode } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/mobile/metadata';

/** A mobile number that is in use. */
export interface MobileNumber {
  /** E.164, without a trunk prefix that stood behind the calling code. */
  readonly value: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
}

/**
 * Reads digits behind a plus as a mobile number of a country, and answers what libphonenumber's `parse`
 * and `isValid` answer with the same metadata; they bring formats, extensions and typing aids, which
 * are most of that library. Numbers of no country are undefined too.
 */
export function parseMobileNumber(text: string): MobileNumber | undefined {
  const callingCode = findCallingCode(text);
  const countries = metadata.country_calling_codes[callingCode] ?? [];
  const national = withoutTrunkPrefix(text.slice(1 + callingCode.length), countries);
  const country = findCountry(national, countries);
  if (country === undefined || !isMobile(national, planOf(country))) return undefined;
  return { value: `+${callingCode}${national}`, country };
}

/** Whether a text is the code of a country that has phone numbers. */
export function isPhoneCountry(code: string): boolean {
  return Object.hasOwn(metadata.countries, code);
}

/** None is the beginning of another one (E.164, 6). */
function findCallingCode(text: string): string {
  const codes = [2, 3, 4].map((end) => text.slice(1, end));
  return codes.find((code) => Object.hasOwn(metadata.country_calling_codes, code)) ?? '';
}

interface NumberingPlan {
  readonly pattern: RegExp;
  /** Ascending. */
  readonly lengths: readonly number[];
  readonly trunkPrefix: RegExp | undefined;
  /** What to write for a trunk prefix that has captured something. */
  readonly replacement: string | undefined;
  /** Which numbers of a calling code that countries share are this one's. */
  readonly leadingDigits: RegExp | undefined;
  /** Undefined where the metadata does not tell mobile numbers from others. */
  readonly mobile: { readonly pattern: RegExp; readonly lengths: readonly number[] } | undefined;
}

/** Patterns are compiled at first use: one request needs one plan, of 245. */
const PLANS = new Map<CountryCode, NumberingPlan>();

function planOf(country: CountryCode): NumberingPlan {
  const known = PLANS.get(country);
  if (known !== undefined) return known;
  const plan = readPlan(metadata.countries[country] ?? []);
  PLANS.set(country, plan);
  return plan;
}

/** The array of version 4 of the metadata; see METADATA.md of libphonenumber-js. */
function readPlan(fields: NonNullable<(typeof metadata.countries)[CountryCode]>): NumberingPlan {
  const [, , pattern, lengths, , nationalPrefix, , prefixForParsing] = fields;
  const [replacement, , leadingDigits, types] = fields.slice(8);
  const [mobilePattern, mobileLengths] = types?.[1] ?? [];
  const trunkPrefix = prefixForParsing || nationalPrefix;
  return {
    pattern: entire(pattern),
    lengths,
    trunkPrefix: trunkPrefix ? beginning(trunkPrefix) : undefined,
    replacement: replacement || undefined,
    leadingDigits: leadingDigits ? beginning(leadingDigits) : undefined,
    mobile: mobilePattern && {
      pattern: entire(mobilePattern),
      lengths: mobileLengths ?? lengths,
    },
  };
}

const entire = (pattern: string) => new RegExp(`^(?:${pattern})$`);
const beginning = (pattern: string) => new RegExp(`^(?:${pattern})`);

/** People write +33 (0)6 …: what is left has to be a number, or nothing is taken away. */
function withoutTrunkPrefix(number: string, countries: readonly CountryCode[]): string {
  const [main] = countries;
  if (main === undefined) return number;
  const plan = planOf(main);
  const stripped = strip(number, plan);
  if (stripped === number) return number;
  if (plan.pattern.test(number) && !plan.pattern.test(stripped)) return number;
  const { lengths } = planOf(findCountry(stripped, countries) ?? main);
  const isPossible =
    lengths.includes(stripped.length) || stripped.length > (lengths.at(-1) ?? Infinity);
  return isPossible ? stripped : number;
}

function strip(number: string, { trunkPrefix, replacement }: NumberingPlan): string {
  const match = trunkPrefix?.exec(number);
  if (trunkPrefix === undefined || !match) return number;
  const hasCaptured = match.length > 1 && Boolean(match.at(-1));
  return replacement !== undefined && hasCaptured
    ? number.replace(trunkPrefix, replacement)
    : number.slice(match[0].length);
}

function findCountry(national: string, countries: readonly CountryCode[]): CountryCode | undefined {
  if (countries.length === 1) return countries[0];
  return countries.find((country) => {
    const plan = planOf(country);
    return plan.leadingDigits === undefined
      ? plan.mobile !== undefined && isMobile(national, plan)
      : plan.leadingDigits.test(national);
  });
}

function isMobile(national: string, { pattern, mobile }: NumberingPlan): boolean {
  if (!pattern.test(national)) return false;
  return (
    mobile === undefined ||
    (mobile.lengths.includes(national.length) && mobile.pattern.test(national))
  );
}
