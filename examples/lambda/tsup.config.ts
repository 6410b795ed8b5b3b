import type { Options } from 'tsup';
import { program } from '../../tsup.base.ts';
import { slimMetadata } from './slim-metadata.ts';

/** What is deployed: one file, with everything in it. */
const deployed: Options = {
  ...program,
  entry: { index: 'src/function.ts' },
  outDir: 'dist/function',
  // Half the cold start of an ES module: Node loads it at once, and of node:crypto no more than is used.
  format: 'cjs',
  outExtension: () => ({ js: '.cjs' }),
  noExternal: [/.*/],
  minify: true,
  esbuildPlugins: [slimMetadata],
  sourcemap: false,
};

const local: Options = { ...program, entry: ['src/local.ts'], outDir: 'dist/local' };

export default [deployed, local];
