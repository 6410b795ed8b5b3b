import { getCountryCallingCode, isSupportedCountry } from 'libphonenumber-js/mobile';
import type { NormalizedIdentifier } from './identifier.js';

/**
 * Masks a recipient so that its owner recognises it: `+33 ••• •• 78`, `a•••@e•••.com`. The number of bullets is the same for every recipient.
 */
export function hintOf({ type, value, country }: NormalizedIdentifier): string {
  if (type === 'phone_number') {
    // A number that only its fixed code makes acceptable has no country.
    const isKnown = country !== undefined && isSupportedCountry(country);
    const prefix = isKnown ? `${getCountryCallingCode(country)} ` : '';
    return `+${prefix}••• •• ${value.slice(-2)}`;
  }
  const at = value.lastIndexOf('@');
  const domain = value.slice(at + 1);
  const topLevel = domain.slice(domain.lastIndexOf('.'));
  return `${value.charAt(0)}•••@${domain.charAt(0)}•••${topLevel}`;
}
