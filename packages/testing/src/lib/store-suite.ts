import { cancelCases } from './store-cancel-cases.js';
import { checkCases } from './store-check-cases.js';
import { claimCases } from './store-claim-cases.js';
import { limitCases } from './store-limit-cases.js';
import { openCases } from './store-open-cases.js';
import { sendCases } from './store-send-cases.js';
import { tallyCases } from './store-tally-cases.js';
import type { StoreCase } from './store-world.js';

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
