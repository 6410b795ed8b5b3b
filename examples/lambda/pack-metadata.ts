import { readFile } from 'node:fs/promises';
import type { Options } from 'tsup';
import { type NumberingPlans, pack } from './packed-metadata.ts';

export type Plugin = NonNullable<Options['esbuildPlugins']>[number];

/**
 * Bundles the packed metadata, as a text, which is read when the first phone number comes: a cold start
 * parses JSON faster than a program (https://v8.dev/blog/cost-of-javascript-2019#json).
 */
export const packMetadata: Plugin = {
  name: 'pack-metadata',
  setup({ onLoad }) {
    onLoad(
      { filter: /[\\/]libphonenumber-js[\\/]metadata\.mobile\.json\.js$/ },
      async ({ path }) => {
        const plans: NumberingPlans = JSON.parse(
          await readFile(path.slice(0, -'.js'.length), 'utf8'),
        );
        const contents = `
          import { unpack } from './packed-metadata.ts';
          let unpacked;
          const plans = () => (unpacked ??= unpack(${JSON.stringify(pack(plans))}));
          export default {
            get country_calling_codes() { return plans().country_calling_codes; },
            get countries() { return plans().countries; },
          };`;
        return { contents, resolveDir: import.meta.dirname };
      },
    );
  },
};
