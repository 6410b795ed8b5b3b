import fc from 'fast-check';

const RUNS = 100_000;
/** With fewer, what a test says about the variety of its inputs would be luck. */
const FEWEST_RUNS = 20_000;
/** Generous: an input takes some 0.2 ms, and more on a machine that is busy with other things. */
const TIMEOUT_MS_A_RUN = 10;

/** How much a property test does: 100,000 inputs, or as many as `OTP_PROPERTY_RUNS` says. */
const numRuns = readRuns(process.env.OTP_PROPERTY_RUNS);
/** For `fc.assert`, whose own time limit would be one for each input. */
export const PARAMETERS = { numRuns };
/** For the test runner, in milliseconds. */
export const TIMEOUT = numRuns * TIMEOUT_MS_A_RUN;

function readRuns(setting: string | undefined): number {
  const runs = setting === undefined ? RUNS : Number(setting);
  if (!Number.isSafeInteger(runs) || runs < FEWEST_RUNS) {
    throw new TypeError(`OTP_PROPERTY_RUNS must be a whole number of at least ${FEWEST_RUNS}.`);
  }
  return runs;
}

/** More decisions than a generator takes for one input; see `choicesOf`. */
export const DECISIONS = fc.uint8Array({ maxLength: 64, size: 'max' });

/** Counts what a property has met, so that it cannot be true of nothing. */
export class Tally {
  readonly #counts = new Map<string, number>();
  #total = 0;

  count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
    this.#total += 1;
  }

  /** Of a hundred inputs. */
  percent(what: string): number {
    return (100 * (this.#counts.get(what) ?? 0)) / this.#total;
  }

  get met(): string[] {
    return [...this.#counts.keys()];
  }
}
