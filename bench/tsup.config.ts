import type { Options } from 'tsup';
import { program } from '../tsup.base.ts';

export default { ...program, entry: ['*.ts', '!tsup.config.ts'] } satisfies Options;
