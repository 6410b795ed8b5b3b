import { describe, expect, it } from 'vitest';
import { lookupLocale, preferredLocale } from './accept-language.js';

const LOCALES = new Map(
  ['en', 'fr', 'de', 'de-CH', 'pt', 'zh-Hant'].map((tag) => [tag.toLowerCase(), tag]),
);

describe('preferredLocale', () => {
  it.each([
    // RFC 9110, 12.5.4 and 12.4.2
    ['fr', 'fr'],
    ['FR', 'fr'],
    ['da, en-GB;q=0.8, en;q=0.7', 'en'],
    ['en;q=0.5, fr;q=0.9', 'fr'],
    ['en;q=0.5,fr;q=0.50', 'en'],
    ['de;q=0.001, sv', 'de'],
    ['fr;Q=0.2 , de ;q=0.3', 'de'],
    ['\tfr\t', 'fr'],
    ['fr;q=1.000, de', 'fr'],
    [', ,fr,,', 'fr'],
    // not acceptable
    ['fr;q=0', undefined],
    ['fr;q=0, fr-CA', undefined],
    ['de-CH, de-CH;q=0', 'de'],
    ['fr-CA, fr;q=0.000, de;q=0.1', 'de'],
    // lookup, RFC 4647, 3.4
    ['pt-BR', 'pt'],
    ['de-ch-1996', 'de-CH'],
    ['de-AT-1996', 'de'],
    ['zh-Hant-TW', 'zh-Hant'],
    ['zh', undefined],
    ['fr-x-private', 'fr'],
    ['x-fr', undefined],
    ['fr-CA-u-nu-latn', 'fr'],
    ['sv-SE, fr;q=0.1', 'fr'],
    ['*', undefined],
    ['*, fr;q=0.5', 'fr'],
    // malformed
    ['', undefined],
    ['fr_CA', undefined],
    ['fr-', undefined],
    ['-fr', undefined],
    ['fr;q=2', undefined],
    ['fr;q=1.001', undefined],
    ['fr;q=0.1234', undefined],
    ['fr;q=-1', undefined],
    ['fr;q=', undefined],
    ['fr;level=1', undefined],
    ['fr;q=1;q=1', undefined],
    ['français, de', 'de'],
    ['constructor, __proto__, toString', undefined],
    ['<script>, de;q=0.1', 'de'],
  ])('%j gives %s', (field, tag) => {
    expect(preferredLocale([field], LOCALES)).toBe(tag);
  });

  it('takes several field lines as one list', () => {
    expect(preferredLocale(['sv', 'de;q=0.4, fr'], LOCALES)).toBe('fr');
    expect(preferredLocale([], LOCALES)).toBeUndefined();
  });

  it('reads 512 characters and 16 ranges, and no half of a range', () => {
    const filler = `${'x'.repeat(8)},`.repeat(10);
    expect(preferredLocale([`${filler}fr`], LOCALES)).toBe('fr');
    expect(preferredLocale([`fr,${'y'.repeat(100_000)}`], LOCALES)).toBe('fr');
    expect(preferredLocale(['y'.repeat(100_000), 'fr'], LOCALES)).toBeUndefined();
    expect(preferredLocale(['fr', 'y'.repeat(100_000)], LOCALES)).toBe('fr');
    expect(preferredLocale([`${'sv,'.repeat(16)}fr`], LOCALES)).toBeUndefined();
    expect(preferredLocale([`${' '.repeat(507)}de-CH`], LOCALES)).toBe('de-CH');
    expect(preferredLocale([`${' '.repeat(507)}de-CHX`], LOCALES)).toBeUndefined();
  });
});

describe('lookupLocale', () => {
  it.each([
    ['de-CH', 'de-CH'],
    ['DE-AT', 'de'],
    ['sv', undefined],
    ['', undefined],
    ['-', undefined],
  ])('%j finds %s', (tag, found) => {
    expect(lookupLocale(tag, LOCALES)).toBe(found);
  });
});
