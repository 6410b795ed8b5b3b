import type { Options } from 'tsup';
import { program } from '../tsup.base.ts';

export default {
  ...program,
  entry: { servers: 'servers/index.ts', lambda: 'lambda/index.ts' },
} satisfies Options;
