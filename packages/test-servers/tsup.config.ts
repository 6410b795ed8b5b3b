import type { Options } from 'tsup';
import { program } from '../../tsup.base.ts';

export default { ...program, entry: ['src/index.ts'] } satisfies Options;
