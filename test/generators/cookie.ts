import type { Header } from '@otp/testing';
import { type Choices, happens, pick } from './choices.js';
import { mutateText } from './mutate.js';

export interface CookieSource {
  /** Name of the cookie of the service. */
  readonly name: string;
  /** Values of live verifications: the first of this service, the others of other apps. */
  readonly values: readonly [string, ...string[]];
}

export interface GeneratedCookies {
  readonly fields: readonly Header[];
  /** Values of the cookies with exactly our name, in order. */
  readonly ours: readonly string[];
}

interface Pair {
  readonly name: string;
  readonly value: string;
}

type Spell = (value: string, choices: Choices) => string;

/** Ways to misspell a value. None adds a second pair. */
const SPELLINGS: readonly [Spell, ...Spell[]] = [
  (value) => `"${value}"`,
  (value) => `%${value.charCodeAt(0).toString(16)}${value.slice(1)}`,
  (value) => value.slice(1),
  (value) => `${value}A`,
  (value) => `${value}=`,
  (value) => `=${value}`,
  (value) => `${value}, ${value}`,
  (value) => `${value} `.repeat(2),
  (value) => `${value.slice(0, -1)}%00`,
  (value) => `${value.slice(0, 20)} ${value.slice(20)}`,
  (value) => `${value.slice(0, -1)}${value.endsWith('A') ? 'B' : 'A'}`,
  (value) => value.repeat(200),
  () => '',
  () => 'A'.repeat(43),
  () => '\uff21'.repeat(43),
  (value, choices) => mutateText(choices, value).replaceAll(';', ''),
];

/** Generates `Cookie` fields with or without ours, among others, in any order and spacing. */
export function generateCookies(choices: Choices, source: CookieSource): GeneratedCookies {
  const pairs = Array.from({ length: pick(choices, [1, 1, 1, 1, 0, 2, 2, 3]) }, () =>
    ourPair(choices, source),
  );
  for (let others = choices.below(4); others > 0; others -= 1) {
    pairs.splice(choices.below(pairs.length + 1), 0, otherPair(choices, source));
  }
  // A space or tab around a value does not belong to it (RFC 6265, 5.2).
  const ours = pairs
    .filter(({ name }) => name === source.name)
    .map(({ value }) => value.replace(/^[ \t]+|[ \t]+$/g, ''));
  return { fields: write(choices, pairs), ours };
}

function ourPair(choices: Choices, { name, values }: CookieSource): Pair {
  const value = happens(choices, 15) ? pick(choices, values) : values[0];
  return { name, value: happens(choices, 35) ? pick(choices, SPELLINGS)(value, choices) : value };
}

function otherPair(choices: Choices, { name, values }: CookieSource): Pair {
  const [live] = values;
  return pick(choices, [
    { name: 'session', value: 'abc' },
    { name: `${name}2`, value: live },
    { name: name.slice(0, -1), value: live },
    { name: name.toUpperCase(), value: live },
    { name: name.replace('__', '__Host-'), value: live },
    { name: `"${name}"`, value: live },
    { name: `$${name}`, value: live },
    { name: 'a', value: `${name}=${live}` },
    { name: encodeURIComponent(`${name} `), value: live },
    { name: 'empty', value: '' },
  ]);
}

function write(choices: Choices, pairs: readonly Pair[]): Header[] {
  const fields: string[][] = [[]];
  for (const { name, value } of pairs) {
    if (happens(choices, 10)) fields.push([]);
    const equals = happens(choices, 10) ? ' = ' : '=';
    fields.at(-1)?.push(`${name}${equals}${value}`);
  }
  const separator = pick(choices, ['; ', '; ', ';', ' ; ', ';;', '; ;', ';\t']);
  return fields.map((field) => ['cookie', field.join(separator)]);
}
