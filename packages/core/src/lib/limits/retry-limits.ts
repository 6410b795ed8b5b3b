import { RETRIES_PER_VERIFICATION } from '../limit-options/default-limits.js';
import type { Limit } from '../ports.js';

/** The limits of a retry, beside the number of sends and the gaps that the record of the verification has. */
export function retryLimits(id: string): Limit[] {
  return [{ key: `r:${id}`, name: 'sends', windows: [RETRIES_PER_VERIFICATION] }];
}
