import type { Counts } from './counts.js';
import type { Operation } from './operation.js';
import { passAtom } from './pass-atom.js';

export interface Outcome {
  /** One answer for each operation. */
  readonly answers: readonly string[];
  readonly counts: Counts;
}

interface Running {
  readonly at: readonly number[];
  readonly answers: readonly (string | undefined)[];
  readonly counts: Counts;
}

interface Moment {
  readonly now: number;
  /** Whether a call of the store has failed, an unknown one. */
  readonly isFaulty: boolean;
}

/** The possible results of operations at once: every order of their atoms, from every possible state. */
export function outcomesOf(
  operations: readonly Operation[],
  counts: Counts,
  moment: Moment,
): Outcome[] {
  const finished: Outcome[] = [];
  const seen = new Set<string>();
  const open: Running[] = [
    { at: operations.map(() => 0), answers: operations.map(() => undefined), counts },
  ];
  for (let running = open.pop(); running !== undefined; running = open.pop()) {
    if (operations.length > 1) {
      const mark = JSON.stringify([running.at, running.answers, [...running.counts]]);
      if (seen.has(mark)) continue;
      seen.add(mark);
    }
    const { answers } = running;
    if (answers.every((answer) => answer !== undefined)) {
      finished.push({ answers, counts: running.counts });
      continue;
    }
    for (const [index, operation] of operations.entries()) {
      if (answers[index] === undefined) open.push(...advanced(running, index, operation, moment));
    }
  }
  return finished;
}

function advanced(
  running: Running,
  index: number,
  operation: Operation,
  moment: Moment,
): Running[] {
  const place = running.at[index] ?? 0;
  const atom = operation.atoms[place];
  const at = running.at.with(index, place + 1);
  const answer = (text: string, counts: Counts): Running => ({
    at,
    answers: running.answers.with(index, text),
    counts,
  });
  if (atom === undefined) return [answer(operation.answer, running.counts)];
  const { passed, refused } = passAtom(atom, running.counts, moment.now);
  const goOn = passed.map((counts) => ({ ...running, at, counts }));
  const list = [...goOn, ...refused.map(({ text, counts }) => answer(text, counts))];
  if (!moment.isFaulty) return list;
  return [
    ...list,
    answer('internal', running.counts),
    ...passed.map((counts) => answer('internal', counts)),
  ];
}

/** Every key that the operations use. */
export function keysOf(operations: readonly Operation[]): string[] {
  const rules = operations.flatMap(({ atoms }) =>
    atoms.flatMap(({ steps, refund = [], success }) => [
      ...steps.flatMap(({ rule = [] }) => rule),
      ...refund,
      ...(success ? [...success.guess, ...success.create, ...success.reset] : []),
    ]),
  );
  return [...new Set(rules.map(({ key }) => key))];
}
