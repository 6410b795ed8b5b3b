import fc from 'fast-check';
import { getCountries, parsePhoneNumberFromString } from 'libphonenumber-js/mobile';
import metadata from 'libphonenumber-js/mobile/metadata';
import { describe, expect, it } from 'vitest';
import { isPhoneCountry, type MobileNumber, parseMobileNumber } from './phone-number.js';

/** What the library itself answers. */
function parseByLibrary(text: string): MobileNumber | undefined {
  const number = parsePhoneNumberFromString(text);
  if (number?.country === undefined || !number.isValid()) return undefined;
  return { value: number.number, country: number.country };
}

const PLANS = Object.entries(metadata.countries).map(([country, plan = []]) => {
  const [callingCode, , pattern, , , prefix, , prefixForParsing] = plan;
  const [, , leadingDigits, types] = plan.slice(8);
  return {
    country,
    callingCode: String(callingCode),
    patterns: [types?.[1]?.[0], pattern].filter(Boolean).map(String),
    trunkPrefix: String(prefixForParsing || prefix || '0'),
    leadingDigits: String(leadingDigits || '[1-9]'),
  };
});

const DIGITS = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 13 });
const like = (pattern: string) => fc.stringMatching(new RegExp(`^(?:${pattern})$`));

/** Behind the calling code: numbers of every kind, with and without a trunk prefix, cut short, and any digits. */
function nationalOf({ patterns, trunkPrefix, leadingDigits }: (typeof PLANS)[number]) {
  const number = fc.oneof(...patterns.map(like));
  return fc.oneof(
    { weight: 4, arbitrary: number },
    { weight: 3, arbitrary: fc.tuple(like(trunkPrefix), number).map((parts) => parts.join('')) },
    { weight: 1, arbitrary: fc.tuple(number, DIGITS).map(([a, b]) => (b + a).slice(0, 13)) },
    { weight: 1, arbitrary: fc.tuple(number, fc.nat(3)).map(([a, n]) => a.slice(0, -1 - n)) },
    { weight: 2, arbitrary: fc.tuple(like(leadingDigits), DIGITS).map((parts) => parts.join('')) },
    { weight: 1, arbitrary: DIGITS },
  );
}

const RUNS = { numRuns: 150 };

describe('parseMobileNumber', () => {
  it.each(PLANS.map((plan) => [plan.country, plan] as const))(
    'answers what libphonenumber-js answers for numbers of %s [I07]',
    (_, plan) => {
      let taken = 0;
      fc.assert(
        fc.property(nationalOf(plan), (national) => {
          const text = `+${plan.callingCode}${national}`;
          const number = parseMobileNumber(text);
          expect(number).toEqual(parseByLibrary(text));
          if (number !== undefined) taken += 1;
        }),
        RUNS,
      );
      expect(taken).toBeGreaterThan(0);
    },
  );

  it('answers what libphonenumber-js answers for any digits [I07]', () => {
    const anyNumber = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 15 });
    fc.assert(
      fc.property(anyNumber, (digits) => {
        expect(parseMobileNumber(`+${digits}`)).toEqual(parseByLibrary(`+${digits}`));
      }),
      { numRuns: 20_000 },
    );
  });
});

describe('isPhoneCountry', () => {
  it('knows the countries that libphonenumber-js knows', () => {
    expect(getCountries().every(isPhoneCountry)).toBe(true);
  });

  it('reads the version of the metadata that it was written for', () => {
    expect(metadata.version).toBe(4);
  });
});
