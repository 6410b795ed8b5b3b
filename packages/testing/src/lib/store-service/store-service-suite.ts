import type { StoreCase } from '../stores/store-world.js';
import { budgetCases } from './budget-cases.js';
import { deliveryCases } from './delivery-cases.js';
import { faultCases } from './fault-cases.js';
import { guessingCases } from './guessing-cases.js';
import { lifeCases } from './life-cases.js';
import { outageCases } from './outage-cases.js';
import { ownerCases } from './owner-cases.js';
import { policyCases } from './policy-cases.js';
import { privacyCases } from './privacy-cases.js';
import { recipientCases } from './recipient-cases.js';
import { secrecyCases } from './secrecy-cases.js';

/**
 * What a service must do on every store: guessing, lives, limits, fail-over, outages, faults, rotation and secrecy. Numbers in
 * brackets are explained in docs/reference/cases.md. A case may need 30 seconds on a real database.
 *
 * @example for (const { name, run } of storeServiceCases) test(name, () => run(harness), 60_000);
 */
export const storeServiceCases: readonly StoreCase[] = [
  ...guessingCases,
  ...lifeCases,
  ...budgetCases,
  ...ownerCases,
  ...policyCases,
  ...recipientCases,
  ...deliveryCases,
  ...outageCases,
  ...faultCases,
  ...secrecyCases,
  ...privacyCases,
];
