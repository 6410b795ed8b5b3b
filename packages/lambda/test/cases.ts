import type { Gateway } from '@otp/test/lambda';
import { type AdapterCase, adapterCases } from '@otp/testing';

/** Without those that the gateway keeps from ever reaching a function. */
export function casesBehind({ dropsRepeatedFields }: Gateway): readonly AdapterCase[] {
  return adapterCases.filter(({ repeatsFields }) => !(repeatsFields && dropsRepeatedFields));
}
