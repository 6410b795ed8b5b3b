import type { Options } from 'tsup';
import { base } from '../../tsup.base.ts';

export default {
  ...base,
  entry: ['src/index.ts'],
  // Within the bundle, so that a host that bundles its server has it too.
  loader: { '.sql': 'text' },
} satisfies Options;
