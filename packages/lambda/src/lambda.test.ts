import { describe, test } from 'vitest';
import { casesBehind } from './lib/testing/cases.js';
import { directAdapter } from './lib/testing/direct.js';
import { GATEWAY_NAMES, GATEWAYS } from './lib/testing/gateways.js';

describe.each(GATEWAY_NAMES)('L01 L03 %s', (name) => {
  const gateway = GATEWAYS[name];
  describe.each(['text', 'base64'] as const)('with bodies as %s', (encoding) => {
    test.each(casesBehind(gateway))('$name', ({ run }) =>
      run(directAdapter(gateway, { encoding })),
    );
  });
});
