import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { describe, expect, it } from 'vitest';
import { parseMobileNumber } from './phone-number.js';

describe('parseMobileNumber', () => {
  it('refuses more than 15 digits, even if some are a carrier code [I04]', () => {
    expect(parseMobileNumber('+8613812345678')).toBeDefined();
    expect(parseMobileNumber('+861259313812345678')).toBeUndefined();
  });

  it.each([
    ['+33612345678', '+33612345678', 'FR'],
    ['+330612345678', '+33612345678', 'FR'],
    ['+4915112345678', '+4915112345678', 'DE'],
    ['+12133734253', '+12133734253', 'US'],
    ['+6281234567890', '+6281234567890', 'ID'],
    ['+5511961234567', '+5511961234567', 'BR'],
    ['+919876543210', '+919876543210', 'IN'],
    ['+2348031234567', '+2348031234567', 'NG'],
    ['+447400123456', '+447400123456', 'GB'],
  ])('parses the mobile number %s as %s of %s [I07]', (value, canonical, country) => {
    expect(parseMobileNumber(value)).toEqual({ value: canonical, country });
  });

  it.each([
    '+33612345678\0',
    '+33612345678;ext=1',
    'tel:+33612345678',
    '+33612345678 ext. 5',
    '+33 6 12 34 56 78',
    '+33-612-345-678',
    '+33(0)612345678',
    '0612345678',
    '33612345678',
    '0033612345678',
    '＋33612345678',
    '++33612345678',
    '+٣٣٦١٢٣٤٥٦٧٨',
    '+３３６１２３４５６７８',
    '+33612345678\n',
    ' +33612345678',
    '+33612345678x',
    '+336123456e8',
    '+123456',
    '+1234567890123456',
    '+',
    '',
    'user@example.com',
  ])('refuses %j, which is not a plus sign and 7 to 15 ASCII digits [I06]', (value) => {
    expect(parseMobileNumber(value)).toBeUndefined();
  });

  it.each([
    ['+33899123456', 'premium, FR'],
    ['+19002345678', 'premium, US'],
    ['+34900123456', 'toll-free, ES'],
    ['+18002345678', 'toll-free, US'],
    ['+33812345678', 'shared-cost, FR'],
    ['+447012345678', 'personal, GB'],
    ['+447640123456', 'pager, GB'],
    ['+33170189900', 'fixed line, FR'],
    ['+4930123456', 'fixed line, DE'],
    ['+442071234567', 'fixed line, GB'],
    ['+881612345678', 'satellite'],
    ['+870312345678', 'Inmarsat'],
    ['+882161234567', 'international network'],
    ['+883510012345678', 'international network'],
    ['+888123456789', 'disaster relief'],
    ['+878101234567890', 'universal personal'],
    ['+979123456789', 'international premium'],
    ['+80012345678', 'international freephone'],
    ['+80812345678', 'international shared cost'],
    ['+999123456789', 'no calling code'],
    ['+10000000000', 'no number'],
  ])('refuses %s (%s) [I07]', (value) => {
    expect(parseMobileNumber(value)).toBeUndefined();
  });

  it.each([
    ['+18765551234', 'JM'],
    ['+12423591234', 'BS'],
    ['+14155550100', 'US'],
    ['+16045550100', 'CA'],
  ])('distinguishes countries that share a calling code: %s is in %s [I08]', (value, country) => {
    expect(parseMobileNumber(value)?.country).toBe(country);
  });

  // What docs/concepts/policy.md says about territories.
  it.each([
    ['+447781123456', 'GG'],
    ['+447797712345', 'JE'],
    ['+447624123456', 'IM'],
    ['+17872345678', 'PR'],
    ['+16713001234', 'GU'],
    ['+13406421234', 'VI'],
    ['+16847331234', 'AS'],
    ['+16702345678', 'MP'],
    ['+262692123456', 'RE'],
    ['+262639012345', 'YT'],
    ['+590690001234', 'GP'],
    ['+596696201234', 'MQ'],
    ['+594694201234', 'GF'],
    ['+687751234', 'NC'],
    ['+77710009998', 'KZ'],
    ['+85251234567', 'HK'],
    ['+85366123456', 'MO'],
  ])('gives a territory its own region: %s is in %s [I08]', (value, country) => {
    expect(parseMobileNumber(value)?.country).toBe(country);
  });

  it.each([
    ['Åland', '+358412345678', 'FI'],
    ['Svalbard', '+4741234567', 'NO'],
    ['Vatican City', '+393123456789', 'IT'],
    ['Western Sahara', '+212650123456', 'MA'],
    ['Christmas Island', '+61412345678', 'AU'],
    ['Saint Barthélemy', '+590690001234', 'GP'],
    ['the Isle of Man, by some operators', '+447924123456', 'GB'],
  ])('does not distinguish %s: %s is in %s', (_, value, country) => {
    expect(parseMobileNumber(value)?.country).toBe(country);
  });
});

const RUNS = { numRuns: 20_000 };
const DIGITS = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 7, maxLength: 10 });
const numberLike = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          '336',
          '3306',
          '337',
          '4915',
          '1213',
          '1415',
          '628',
          '5511',
          '919',
          '23480',
        ),
        DIGITS,
      )
      .map(([prefix, rest]) => `+${prefix}${rest}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom('33', '49', '1', '44', '39', '7', '86', '54', '52', '88', '80'),
        DIGITS,
      )
      .map(([prefix, rest]) => `+${prefix}${rest}`),
  },
  fc.string({ unit: fc.constantFrom(...'+0123456789 ()-;'), maxLength: 17 }),
);

describe('parseMobileNumber: properties', () => {
  it('parsing a parsed number changes nothing [I09]', () => {
    let accepted = 0;
    fc.assert(
      fc.property(numberLike, (input) => {
        const number = parseMobileNumber(input);
        if (number === undefined) return;
        accepted += 1;
        expect(parseMobileNumber(number.value)).toEqual(number);
      }),
      RUNS,
    );
    expect(accepted).toBeGreaterThan(1_000);
  });

  it('accepts only what the full metadata calls a mobile number of a country [I07]', () => {
    let accepted = 0;
    fc.assert(
      fc.property(numberLike, (input) => {
        const number = parseMobileNumber(input);
        if (number === undefined) return;
        accepted += 1;
        const byFullMetadata = parsePhoneNumberFromString(number.value);
        expect(number.value).toMatch(/^\+[1-9][0-9]{6,14}$/);
        expect(['MOBILE', 'FIXED_LINE_OR_MOBILE']).toContain(byFullMetadata?.getType());
        expect(byFullMetadata?.country).toBe(number.country);
      }),
      RUNS,
    );
    expect(accepted).toBeGreaterThan(1_000);
  });
});
