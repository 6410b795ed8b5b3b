import type { Options } from 'tsup';
import { base } from '../../tsup.base.ts';

export default {
  ...base,
  entry: {
    index: 'src/index.ts',
    // Forked by the suite of stores that processes share, which looks for it beside itself.
    'race-worker': 'src/lib/store-processes/race-worker.ts',
  },
} satisfies Options;
