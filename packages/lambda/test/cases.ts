import type { Gateway } from '@otp/test/lambda';
import { type AdapterCase, adapterCases } from '@otp/testing';

/** All cases but those whose requests the gateway never passes to a function. */
export function casesBehind({ dropsRepeatedFields }: Gateway): readonly AdapterCase[] {
  return adapterCases.filter(({ repeatsFields }) => !(repeatsFields && dropsRepeatedFields));
}
