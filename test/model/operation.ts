import type { Rule } from './counts.js';

/** One thing to look at: without a rule it refuses. `takes`: it counts an event when all else passes. */
export interface Step {
  readonly rule?: Rule;
  readonly takes: boolean;
  readonly answer: string;
}

/**
 * What nobody can get in between of: the first step that refuses answers and nothing is taken, or every
 * step passes. A relief gives back or forgets, and is the only atom whose failure does not show.
 */
export type Atom =
  | { readonly steps: readonly Step[] }
  | { readonly refund: readonly Rule[]; readonly reset: readonly Rule[] };

export interface Operation {
  readonly atoms: readonly Atom[];
  /** What is answered when every step has passed. */
  readonly answer: string;
}

export function ask(rule: Rule, answer: string): Step {
  return { rule, takes: false, answer };
}

export function take(rule: Rule, answer: string): Step {
  return { rule, takes: true, answer };
}

export function refuseIf(condition: boolean, answer: string): Step[] {
  return condition ? [{ takes: false, answer }] : [];
}
