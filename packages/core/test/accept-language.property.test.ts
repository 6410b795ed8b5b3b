import { type Choices, choicesOf, pick } from '@otp/test/generators/choices';
import {
  DECISIONS,
  MEETS_RARE_ANSWERS,
  PARAMETERS,
  Tally,
  TIMEOUT,
} from '@otp/test/generators/property';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { preferredLocale } from '../src/lib/messages/accept-language.js';

const TAGS = ['en', 'fr', 'de', 'de-CH'] as const;
const LOCALES = new Map(TAGS.map((tag) => [tag.toLowerCase(), tag]));
const PARTS = [
  ',',
  'fr',
  'de-CH',
  'de-AT',
  'EN-gb',
  'sv',
  '*',
  ';q=0.5',
  ';q=0',
  ';q=',
  ' ',
  '-',
  '\u0000',
  'é',
  '<b>',
  '__proto__',
] as const;

function generateField(choices: Choices): string {
  const length = choices.below(24);
  const field = Array.from({ length }, () => pick(choices, PARTS)).join('');
  return field.repeat(1 + choices.below(2) * choices.below(64));
}

test(
  'whatever a header says, the answer is one of our tags or none, and the same for each spelling of it',
  () => {
    const seen = new Tally();
    const property = fc.property(DECISIONS, (bytes) => {
      const choices = choicesOf(bytes);
      const fields = Array.from({ length: 1 + choices.below(3) }, () => generateField(choices));
      const found = preferredLocale(fields, LOCALES);
      seen.count(String(found));
      if (found !== undefined) expect(TAGS).toContain(found);
      expect(preferredLocale([fields.join(',')], LOCALES)).toBe(found);
      expect(preferredLocale(fields.map(upperCase), LOCALES)).toBe(found);
      // What stands behind the limit is not looked at.
      const long = `${fields.join(',').slice(0, 511)},${'x'.repeat(600)}`;
      expect(preferredLocale([`${long},fr`], LOCALES)).toBe(preferredLocale([long], LOCALES));
    });
    fc.assert(property, PARAMETERS);
    if (!MEETS_RARE_ANSWERS) return;
    for (const each of [...TAGS, undefined]) expect(seen.percent(String(each))).toBeGreaterThan(1);
  },
  TIMEOUT,
);

/** ASCII alone: a tag has nothing else. */
function upperCase(text: string): string {
  return text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
}
