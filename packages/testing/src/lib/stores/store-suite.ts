import { cancelCases } from './cancel-cases.js';
import { checkCases } from './check-cases.js';
import { claimCases } from './claim-cases.js';
import { limitCases } from './limit-cases.js';
import { openCases } from './open-cases.js';
import { sendCases } from './send-cases.js';
import type { StoreCase } from './store-world.js';
import { tallyCases } from './tally-cases.js';

export type { StoreCase, StoreHarness } from './store-world.js';

/**
 * What every store must do, one promise a case, for any test runner:
 * `for (const each of storeCases) it(each.name, () => each.run(harness))`.
 */
export const storeCases: readonly StoreCase[] = [
  ...openCases,
  ...checkCases,
  ...sendCases,
  ...cancelCases,
  ...claimCases,
  ...limitCases,
  ...tallyCases,
];
