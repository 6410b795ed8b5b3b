import type { Options } from 'tsup';

/**
 * What every package of this repository is built with. Here and in the tsup.config.ts files tsup is imported as a type
 * only: for `npm start` it is installed in the demo alone.
 */
export const base: Options = {
  format: 'esm',
  target: 'node20',
  platform: 'node',
  sourcemap: true,
  treeshake: true,
  clean: true,
  removeNodeProtocol: false,
  // tsup sets `baseUrl` for the declarations, which TypeScript 6 calls deprecated.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
};

/** An application, a benchmark, or what only tests of this repository import, which have its types from source. */
export const program: Options = { ...base, dts: false };
