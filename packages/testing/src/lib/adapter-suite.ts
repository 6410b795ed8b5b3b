import { checkCases } from './adapter-check-cases.js';
import { createCases } from './adapter-create-cases.js';
import { privacyCases } from './adapter-privacy-cases.js';
import { retryCases } from './adapter-retry-cases.js';
import { routeCases } from './adapter-route-cases.js';
import type { AdapterCase } from './scenario.js';

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
