import type { Options } from 'tsup';
import { program } from '../../tsup.base.ts';

/** What is deployed: one file, with everything in it. */
const deployed: Options = {
  ...program,
  entry: { index: 'src/function.ts' },
  outDir: 'dist/function',
  outExtension: () => ({ js: '.mjs' }),
  noExternal: [/.*/],
  minify: true,
  sourcemap: false,
};

const local: Options = { ...program, entry: ['src/local.ts'], outDir: 'dist/local' };

export default [deployed, local];
