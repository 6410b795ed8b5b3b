/** Cases that keep a server busy: many requests at once, or thousands in a row. */
const BUSY = /\b(?:R01|R02|R03|R10|S09|P01)\b|at once/;

/**
 * Splits cases of a store: `busy` run one after another, or they would wait for each other for longer than their time
 * limits; `waiting` may all run at the same time, since most of their time is the end of a window or a life.
 */
export function splitByLoad<Case extends { readonly name: string }>(
  cases: readonly Case[],
): { readonly busy: readonly Case[]; readonly waiting: readonly Case[] } {
  const busy = cases.filter(({ name }) => BUSY.test(name));
  return { busy, waiting: cases.filter((each) => !busy.includes(each)) };
}
