import { type Choices, pick } from './choices.js';

/** Characters that parsers, mailers and terminals have misread. */
const ODD: readonly [string, ...string[]] = [
  'A',
  ...'0 .,;:="/%+-_@<({}[]',
  "'",
  '\\',
  '%00',
  '\r\n',
  ...'\t\0\u007f\u0085\u00a0\u00ad\u200b\u2028\ufeff',
  // Full width, Arabic, Kelvin, dotless, a ligature, a combining accent: these fold into ASCII.
  ...'\uff20\uff0b\uff11\u0663\u212a\u0131\ufb00\u0301',
  '\ud800',
  '\u{1f600}',
];

type Mutation = (text: string, choices: Choices) => string;

const insert: Mutation = (text, choices) => {
  const at = choices.below(text.length + 1);
  return text.slice(0, at) + pick(choices, ODD) + text.slice(at);
};

const remove: Mutation = (text, choices) => {
  const at = choices.below(text.length + 1);
  return text.slice(0, at) + text.slice(at + 1);
};

const replace: Mutation = (text, choices) => {
  const at = choices.below(text.length + 1);
  return text.slice(0, at) + pick(choices, ODD) + text.slice(at + 1);
};

const swapCase: Mutation = (text, choices) => {
  const at = choices.below(text.length + 1);
  const char = text.charAt(at);
  const lower = char.toLowerCase();
  return text.slice(0, at) + (char === lower ? char.toUpperCase() : lower) + text.slice(at + 1);
};

const swapNeighbours: Mutation = (text, choices) => {
  const at = choices.below(text.length + 1);
  return text.slice(0, at) + text.charAt(at + 1) + text.charAt(at) + text.slice(at + 2);
};

const truncate: Mutation = (text, choices) => text.slice(0, choices.below(text.length + 1));

const repeatPart: Mutation = (text, choices) => {
  const at = choices.below(text.length + 1);
  const part = text.slice(at, at + 1 + choices.below(8));
  return text.slice(0, at) + part.repeat(pick(choices, [2, 3, 70, 300])) + text.slice(at);
};

const MUTATIONS = [
  insert,
  replace,
  remove,
  swapCase,
  swapNeighbours,
  insert,
  replace,
  truncate,
  repeatPart,
] as const satisfies readonly Mutation[];

/** Changes a string one to three times. The result may be the same string. */
export function mutateText(choices: Choices, text: string): string {
  let mutated = text;
  for (let left = 1 + choices.below(3); left > 0; left -= 1) {
    mutated = pick<Mutation>(choices, MUTATIONS)(mutated, choices);
  }
  return mutated;
}

/** Replaces one to four bytes. */
export function mutateBytes(choices: Choices, bytes: Uint8Array): Uint8Array {
  const mutated = Uint8Array.from(bytes);
  for (let left = 1 + choices.below(4); left > 0 && mutated.length > 0; left -= 1) {
    mutated[choices.below(mutated.length)] = choices.below(256);
  }
  return mutated;
}
