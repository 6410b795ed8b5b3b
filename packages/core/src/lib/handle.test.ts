import { documented } from '@otp/test/oracles/openapi';
import { adapterCases } from '@otp/testing';
import { directAdapter } from '@otp/testing/internal';
import { describe, test } from 'vitest';

const cases = adapterCases.map((each) => [each.name, each] as const);

describe.each(['eager', 'lazy'] as const)('handle with an %s body', (style) => {
  test.each(cases)('%s', (_, { run }) => run(documented(directAdapter(style))));
});
