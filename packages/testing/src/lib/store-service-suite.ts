import { budgetCases } from './store-budget-cases.js';
import { deliveryCases } from './store-delivery-cases.js';
import { guessingCases } from './store-guessing-cases.js';
import { lifeCases } from './store-life-cases.js';
import { outageCases } from './store-outage-cases.js';
import { policyCases } from './store-policy-cases.js';
import { privacyCases } from './store-privacy-cases.js';
import { recipientCases } from './store-recipient-cases.js';
import { secrecyCases } from './store-secrecy-cases.js';
import type { StoreCase } from './store-world.js';

/**
 * What a whole service must do on every store, by the numbers of docs/security.md; run as `storeCases` are. They need
 * up to 30 seconds each where the database is real.
 */
export const storeServiceCases: readonly StoreCase[] = [
  ...guessingCases,
  ...lifeCases,
  ...budgetCases,
  ...policyCases,
  ...recipientCases,
  ...deliveryCases,
  ...outageCases,
  ...secrecyCases,
  ...privacyCases,
];
