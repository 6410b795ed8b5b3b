import {
  type Counts,
  charged,
  createGivenBack,
  forgotten,
  guessGivenBack,
  hasRoom,
  possibleCounts,
  refunded,
  replaced,
} from './counts.js';
import type { Atom, Step, Success } from './operation.js';

interface Passage {
  /** One state, or none. */
  readonly passed: readonly Counts[];
  readonly refused: readonly { readonly text: string; readonly counts: Counts }[];
}

/** The possible results of one atom, each with the counts that lead to it. */
export function passAtom(
  { steps, refund = [], success }: Atom,
  counts: Counts,
  now: number,
): Passage {
  const { passed, refused } = passSteps(steps, counts, now);
  const relieved = passed.map((after) => {
    const given = refund.reduce((each, rule) => refunded(each, rule, now), after);
    return success === undefined ? given : succeeded(given, success, now);
  });
  return { passed: relieved, refused };
}

function succeeded(
  counts: Counts,
  { openedAt, guess, create, reset }: Success,
  now: number,
): Counts {
  const ofGuess = guess.reduce((each, rule) => guessGivenBack(each, rule, now), counts);
  const times = { openedAt, now };
  const ofCreate = create.reduce((each, rule) => createGivenBack(each, rule, times), ofGuess);
  return reset.reduce((each, { key }) => forgotten(each, key), ofCreate);
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
