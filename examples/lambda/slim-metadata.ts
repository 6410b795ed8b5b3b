import { readFile } from 'node:fs/promises';
import type { Options } from 'tsup';

export type Plugin = NonNullable<Options['esbuildPlugins']>[number];
type Plan = readonly unknown[];

export interface PhoneMetadata {
  readonly version: number;
  readonly country_calling_codes: Readonly<Record<string, readonly string[]>>;
  readonly countries: Readonly<Record<string, Plan>>;
  readonly nonGeographic: Readonly<Record<string, Plan>>;
}

/**
 * Fields of a plan that say what a number is: pattern, lengths, national prefix, what to parse as one and to
 * write for it, leading digits, types. The others say how to write one. See METADATA.md of libphonenumber-js.
 */
const READ = new Set([2, 3, 5, 7, 8, 10, 11]);

/** The metadata without what `@otp/core` never reads: 40 % of it, compressed. */
export function slim(metadata: PhoneMetadata): PhoneMetadata {
  const countries = Object.entries(metadata.countries).map(([country, plan]) => [
    country,
    plan.slice(0, 12).map((field, index) => (READ.has(index) ? field : 0)),
  ]);
  return { ...metadata, countries: Object.fromEntries(countries), nonGeographic: {} };
}

/** Bundles the slim metadata, as a text: a cold start parses JSON faster than a program (https://v8.dev/blog/cost-of-javascript-2019#json). */
export const slimMetadata: Plugin = {
  name: 'slim-metadata',
  setup({ onLoad }) {
    onLoad(
      { filter: /[\\/]libphonenumber-js[\\/]metadata\.mobile\.json\.js$/ },
      async ({ path }) => {
        const metadata: PhoneMetadata = JSON.parse(
          await readFile(path.slice(0, -'.js'.length), 'utf8'),
        );
        const text = JSON.stringify(slim(metadata));
        return { contents: `export default JSON.parse(${JSON.stringify(text)});` };
      },
    );
  },
};
