import type { StoreCase } from '../stores/store-world.js';
import { budgetCases } from './budget-cases.js';
import { deliveryCases } from './delivery-cases.js';
import { guessingCases } from './guessing-cases.js';
import { lifeCases } from './life-cases.js';
import { outageCases } from './outage-cases.js';
import { policyCases } from './policy-cases.js';
import { privacyCases } from './privacy-cases.js';
import { recipientCases } from './recipient-cases.js';
import { secrecyCases } from './secrecy-cases.js';

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
