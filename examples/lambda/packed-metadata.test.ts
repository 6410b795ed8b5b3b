import { normalizeIdentifier } from '@otp/core';
import fc from 'fast-check';
import {
  getCountries,
  getExampleNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/mobile';
import examples from 'libphonenumber-js/mobile/examples';
import { expect, it, vi } from 'vitest';

vi.mock('libphonenumber-js/mobile/metadata', async (original) => {
  const { pack, unpack } = await import('./packed-metadata.js');
  const { default: metadata } =
    await original<typeof import('libphonenumber-js/mobile/metadata')>();
  return { default: unpack(pack(metadata)) };
});

/** What the library answers with all of its metadata. */
function parseByLibrary(text: string): unknown {
  const number = parsePhoneNumberFromString(text);
  if (number?.country === undefined || !number.isValid()) return undefined;
  return { type: 'phone_number', value: number.number, country: number.country };
}

it.each(getCountries())('the packed metadata answers alike for numbers of %s', (country) => {
  // Tristan da Cunha has no example in the data.
  const number = getExampleNumber(country, examples)?.number ?? '+2908999';
  const at = fc.nat(number.length - 1).map((place) => place + 1);
  const near = fc
    .tuple(at, at, fc.stringMatching(/^\d{0,2}$/), fc.stringMatching(/^\d{0,3}$/))
    .map(([a, b, some, more]) => {
      const changed = number.slice(0, a) + some + number.slice(a + some.length);
      return (changed.slice(0, b) + more + changed.slice(b)).slice(0, 16);
    });
  fc.assert(
    fc.property(near, (value) => {
      fc.pre(value.length > 7);
      const normalized = normalizeIdentifier({ type: 'phone_number', value });
      expect(normalized.ok ? normalized.identifier : undefined).toEqual(parseByLibrary(value));
    }),
  );
  expect(normalizeIdentifier({ type: 'phone_number', value: number }).ok).toBe(true);
});
