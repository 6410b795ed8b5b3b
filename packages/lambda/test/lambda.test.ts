import { GATEWAY_NAMES, GATEWAYS } from '@otp/test/lambda';
import { describe, test } from 'vitest';
import { casesBehind } from './cases.js';
import { directAdapter } from './direct.js';

describe.each(GATEWAY_NAMES)('%s [L01, L03]', (name) => {
  const gateway = GATEWAYS[name];
  describe.each(['text', 'base64'] as const)('with bodies as %s', (encoding) => {
    test.each(casesBehind(gateway))('$name', ({ run }) =>
      run(directAdapter(gateway, { encoding })),
    );
  });
});
