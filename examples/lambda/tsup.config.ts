import type { Options } from 'tsup';
import { program } from '../../tsup.base.ts';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

/** What the function imports when it is asked to stays a file of its own. */
const storeApart: Plugin = {
  name: 'store-apart',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/store\.js$/ }, () => ({ path: './store.cjs', external: true }));
  },
};

/** What is deployed: one file, with everything in it, and beside it one with the drivers of all databases. */
const deployed: Options = {
  ...program,
  entry: { index: 'src/function.ts', store: 'src/store.ts' },
  outDir: 'dist/function',
  // Half the cold start of an ES module: Node loads it at once, and of node:crypto no more than is used.
  format: 'cjs',
  outExtension: () => ({ js: '.cjs' }),
  noExternal: [/.*/],
  minify: true,
  splitting: false,
  loader: { '.sql': 'text' },
  esbuildPlugins: [storeApart],
  sourcemap: false,
};

const local: Options = { ...program, entry: ['src/local.ts'], outDir: 'dist/local' };

export default [deployed, local];
