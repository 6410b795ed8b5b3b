import { describe, test } from 'vitest';
import { adapterCases } from './testing/adapter-suite.js';
import { directAdapter } from './testing/direct.js';

const cases = adapterCases.map((each) => [each.name, each] as const);

describe.each(['eager', 'lazy'] as const)('handle with an %s body', (style) => {
  test.each(cases)('%s', (_, { run }) => run(directAdapter(style)));
});
