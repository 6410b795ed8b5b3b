import type { AdapterCase } from '../kit/scenario.js';
import { checkCases } from './check-cases.js';
import { createCases } from './create-cases.js';
import { privacyCases } from './privacy-cases.js';
import { retryCases } from './retry-cases.js';
import { routeCases } from './route-cases.js';
import { statusCases } from './status-cases.js';
import { transportCases } from './transport-cases.js';

/**
 * The contract of an adapter: the status, header fields, body and effects of every route. For any test runner; a case
 * rejects with an `AssertionError` if the adapter breaks the contract.
 *
 * @example for (const { name, run } of adapterCases) test(name, () => run(adapter));
 */
export const adapterCases: readonly AdapterCase[] = [
  ...routeCases,
  ...createCases,
  ...retryCases,
  ...checkCases,
  ...statusCases,
  ...transportCases,
  ...privacyCases,
];
