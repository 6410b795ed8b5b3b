import type { AdapterCase } from '../kit/scenario.js';
import { checkCases } from './check-cases.js';
import { createCases } from './create-cases.js';
import { privacyCases } from './privacy-cases.js';
import { retryCases } from './retry-cases.js';
import { routeCases } from './route-cases.js';

/**
 * One table of exchanges for every adapter: the same status, header fields, body and effects. Needs no
 * test runner: a case rejects with an AssertionError when the adapter under test does not behave.
 */
export const adapterCases: readonly AdapterCase[] = [
  ...routeCases,
  ...createCases,
  ...retryCases,
  ...checkCases,
  ...privacyCases,
];
