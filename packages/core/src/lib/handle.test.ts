import { describe, test } from 'vitest';
import { adapterCases } from './testing/adapter-suite.js';
import { directAdapter } from './testing/direct.js';

describe.each(['eager', 'lazy'] as const)('handle with an %s body', (style) => {
  test.each(adapterCases)('$name', ({ run }) => run(directAdapter(style)));
});
