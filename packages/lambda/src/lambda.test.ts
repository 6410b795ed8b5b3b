import { adapterCases } from '@otp/core/testing';
import { describe, test } from 'vitest';
import { directAdapter } from './lib/testing/direct.js';
import { GATEWAYS, type GatewayName } from './lib/testing/gateways.js';

const names = Object.keys(GATEWAYS) as GatewayName[];

describe.each(names)('L01 L03 %s', (name) => {
  const gateway = GATEWAYS[name];
  const cases = adapterCases.filter(
    ({ repeatsFields = false }) => !(repeatsFields && gateway.dropsRepeatedFields),
  );
  describe.each(['text', 'base64'] as const)('with bodies as %s', (encoding) => {
    test.each(cases)('$name', ({ run }) => run(directAdapter(gateway, encoding)));
  });
});
