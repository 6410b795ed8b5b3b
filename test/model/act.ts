import assert from 'node:assert/strict';
import type { GuardVerdict } from '@otp/core';
import type fc from 'fast-check';
import { merged, picked } from './counts.js';
import { keysOf, outcomesOf } from './outcomes.js';
import { type Ask, type Model, type Plan, planOf } from './plan.js';
import type { SenderEnd } from './rules.js';
import type { StoreFault, System } from './system.js';

export type Command = fc.AsyncCommand<Model, System>;

/** One request, or several at once, while ports work or fail; it may be repeated. */
export class Act implements Command {
  readonly #act: ActOptions;

  constructor(act: ActOptions) {
    this.#act = act;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, system: System): Promise<void> {
    for (let round = 0; round < this.#act.times; round += 1) await this.#once(model, system);
  }

  async #once(model: Model, system: System): Promise<void> {
    const { asks, sender, verdict, fault } = this.#act;
    const now = system.clock.now();
    const guard = model.hasGuard ? verdict : 'none';
    const plans = asks.flatMap((ask) => planOf(ask, model, { sender, guard, now }) ?? []);
    const known = system.handed.length;
    const { done, isFaulty } = await system.during(
      { sender, verdict, fault, isRace: plans.length > 1 },
      () => Promise.all(plans.map((plan) => plan.perform(system))),
    );
    const answers = done.map(({ answer }) => answer);
    adopt(model, plans, answers, { now, isFaulty });
    const counts = sender !== 'unavailable' && sender !== 'throws';
    for (const handed of system.handed.slice(known)) model.ledger.message(handed, counts);
    for (const [index, plan] of plans.entries()) {
      const answer = done[index];
      if (answer === undefined) continue;
      model.seen.add(`${plan.ask} ${answer.answer}`);
      plan.learn(answer, { system, isAlone: plans.length === 1 });
    }
  }

  toString(): string {
    return JSON.stringify(this.#act);
  }
}

interface ActOptions {
  readonly asks: readonly Ask[];
  readonly sender: SenderEnd;
  /** What the guard of the host decides, if there is one. */
  readonly verdict: GuardVerdict;
  readonly fault: StoreFault | undefined;
  readonly times: number;
}

/** Asserts that the rules allow the answers, and narrows the possible states to those that lead to them. */
function adopt(
  { book }: Model,
  plans: readonly Plan[],
  answers: readonly string[],
  moment: { readonly now: number; readonly isFaulty: boolean },
): void {
  const operations = plans.map(({ operation }) => operation);
  // The rest does not change; copying it would take most of the time.
  const asked = picked(book.counts, keysOf(operations));
  const allowed = outcomesOf(operations, asked, moment);
  const actual = allowed.filter((outcome) =>
    answers.every((each, n) => each === outcome.answers[n]),
  );
  const texts = [...new Set(allowed.map((outcome) => outcome.answers.join(' and ')))];
  assert.ok(actual.length > 0, `${answers.join(' and ')} is not among: ${texts.join(', ')}`);
  for (const [key, possible] of merged(actual.map(({ counts }) => counts))) {
    book.counts.set(key, possible);
  }
}
