import { type AdapterCase, adapterCases } from '@otp/core/testing';
import type { Gateway } from './gateways.js';

/** Without those that the gateway keeps from ever reaching a function. */
export function casesBehind({ dropsRepeatedFields }: Gateway): readonly AdapterCase[] {
  return adapterCases.filter(({ repeatsFields }) => !(repeatsFields && dropsRepeatedFields));
}
