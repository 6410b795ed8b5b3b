import fc from 'fast-check';
import { byDepth, depth } from '../depth.js';

/** Generous: an input takes some 0.2 ms, and more on a busy machine. */
const TIMEOUT_MS_A_RUN = 10;

/** Inputs of each property. `OTP_PROPERTY_RUNS` overrides what the depth says. */
const numRuns = readRuns(process.env.OTP_PROPERTY_RUNS);
/** For `fc.assert`, whose own time limit would be one for each input. */
export const PARAMETERS = { numRuns };
/** For the test runner, in milliseconds. */
export const TIMEOUT = 10_000 + numRuns * TIMEOUT_MS_A_RUN;
/** Whether there are enough inputs for rare answers to be expected among them. */
export const MEETS_RARE_ANSWERS = depth === 'full';

function readRuns(setting: string | undefined): number {
  const runs = setting === undefined ? byDepth({ quick: 500, full: 100_000 }) : Number(setting);
  if (!Number.isSafeInteger(runs) || runs < 1) {
    throw new TypeError('OTP_PROPERTY_RUNS must be a positive integer.');
  }
  return runs;
}

/** More decisions than a generator needs for one input; see `choicesOf`. */
export const DECISIONS = fc.uint8Array({ maxLength: 64, size: 'max' });

/** Counts the answers that a property met: a property that only ever meets refusals proves little. */
export class Tally {
  readonly #counts = new Map<string, number>();
  #total = 0;

  count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
    this.#total += 1;
  }

  /** How often `what` was counted, from 0 to 100. */
  percent(what: string): number {
    return (100 * (this.#counts.get(what) ?? 0)) / this.#total;
  }

  get met(): string[] {
    return [...this.#counts.keys()];
  }
}
