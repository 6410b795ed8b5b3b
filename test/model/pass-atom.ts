import {
  type Counts,
  charged,
  forgotten,
  hasRoom,
  possibleCounts,
  refunded,
  replaced,
} from './counts.js';
import type { Atom, Step } from './operation.js';

interface Passage {
  /** One state, or none. */
  readonly passed: readonly Counts[];
  readonly refused: readonly { readonly text: string; readonly counts: Counts }[];
}

/** The possible results of one atom, each with the counts that lead to it. */
export function passAtom(
  { steps, refund = [], reset = [] }: Atom,
  counts: Counts,
  now: number,
): Passage {
  const { passed, refused } = passSteps(steps, counts, now);
  const relieved = passed.map((after) => {
    const given = refund.reduce((each, rule) => refunded(each, rule, now), after);
    return reset.reduce((each, { key }) => forgotten(each, key), given);
  });
  return { passed: relieved, refused };
}

function passSteps(steps: readonly Step[], counts: Counts, now: number): Passage {
  const refused: { text: string; counts: Counts }[] = [];
  let known = counts;
  for (const { rule, answer } of steps) {
    if (rule === undefined)
      return { passed: [], refused: [...refused, { text: answer, counts: known }] };
    const possible = possibleCounts(known, rule.key, now);
    const full = possible.filter((count) => !hasRoom(rule, count, now));
    if (full.length > 0) refused.push({ text: answer, counts: replaced(known, rule.key, full) });
    if (full.length === possible.length) return { passed: [], refused };
    known = replaced(
      known,
      rule.key,
      possible.filter((count) => hasRoom(rule, count, now)),
    );
  }
  let after = known;
  for (const { rule, takes } of steps) {
    if (rule !== undefined && takes) after = charged(after, rule, now);
  }
  return { passed: [after], refused };
}
