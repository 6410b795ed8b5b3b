import { isSupportedCountry } from 'libphonenumber-js/mobile';

/** The countries in which a channel may be used. */
export type Countries = ReadonlySet<string> | 'ALL';

/** Whether a value is the ISO 3166-1 alpha-2 code of a country that has phone numbers. */
export function isCountry(code: unknown): code is string {
  return typeof code === 'string' && isSupportedCountry(code);
}

/**
 * Whether a channel may be used for a recipient of a country.
 *
 * @param countries undefined for e-mail, which reaches every country
 * @param country undefined for an e-mail address
 */
export function isServed(countries: Countries | undefined, country: string | undefined): boolean {
  if (countries === undefined || countries === 'ALL') return true;
  return country !== undefined && countries.has(country);
}
