import type { Rule } from './counts.js';

/** One condition. `takes`: it counts an event if all other steps pass. */
export interface Step {
  readonly rule?: Rule;
  readonly takes: boolean;
  readonly answer: string;
}

/**
 * What happens without interruption: either the first step that refuses decides the answer and nothing changes, or every
 * step passes. Then events are given back, and counts forgotten.
 */
export interface Atom {
  readonly steps: readonly Step[];
  /** Events as if they had not happened. */
  readonly refund?: readonly Rule[];
  readonly success?: Success;
}

/** What a success changes. */
export interface Success {
  readonly openedAt: number;
  readonly guess: readonly Rule[];
  readonly create: readonly Rule[];
  readonly reset: readonly Rule[];
}

export interface Operation {
  readonly atoms: readonly Atom[];
  /** The answer if every step passes. */
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
