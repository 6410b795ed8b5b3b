import { cancelCases } from './cancel-cases.js';
import { checkCases } from './check-cases.js';
import { completeCases } from './complete-cases.js';
import { giveBackCases } from './give-back-cases.js';
import { limitCases } from './limit-cases.js';
import { openCases } from './open-cases.js';
import { readCases } from './read-cases.js';
import { sendCases } from './send-cases.js';
import { shareCases } from './share-cases.js';
import type { StoreCase } from './store-world.js';
import { tallyCases } from './tally-cases.js';

export type { StoreCase, StoreHarness } from './store-world.js';

/**
 * The contract of a store, verb by verb. For any test runner; a case rejects with an `AssertionError` if the store breaks
 * the contract.
 *
 * @example for (const { name, run } of storeCases) test(name, () => run(harness));
 */
export const storeCases: readonly StoreCase[] = [
  ...openCases,
  ...readCases,
  ...sendCases,
  ...cancelCases,
  ...checkCases,
  ...completeCases,
  ...limitCases,
  ...shareCases,
  ...giveBackCases,
  ...tallyCases,
];
