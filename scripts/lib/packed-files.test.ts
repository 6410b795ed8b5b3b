import { expect, it } from 'vitest';
import { findPackedFaults } from './packed-files.mjs';

const manifest = {
  name: '@otp/core',
  version: '0.1.0',
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
  bin: { 'otp-keys': './dist/otp-keys.js' },
};
const entry = (name: string) => ['js', 'js.map', 'd.ts'].map((ending) => `dist/${name}.${ending}`);
const files = [
  ...['package.json', 'README.md', 'LICENSE'],
  ...entry('index'),
  ...entry('otp-keys'),
  ...['dist/chunk-6JZJOZAK.js', 'dist/chunk-6JZJOZAK.js.map', 'dist/ports-SNjmQYPp.d.ts'],
];

it('accepts the entries with maps and declarations, what they share, README and LICENSE', () => {
  expect(findPackedFaults(manifest, files)).toEqual([]);
});

it.each(['LICENSE', 'README.md', 'dist/index.d.ts', 'dist/otp-keys.js'])('misses %s', (missing) => {
  const rest = files.filter((file) => file !== missing);
  expect(findPackedFaults(manifest, rest)).toEqual([`@otp/core: ${missing} is missing`]);
});

it.each(['src/index.ts', 'dist/index.test.js', 'test/model.ts', '.env', 'cloudformation.yaml'])(
  'refuses %s',
  (extra) => {
    expect(findPackedFaults(manifest, [...files, extra])).toEqual([
      `@otp/core: ${extra} is packed`,
    ]);
  },
);

it('requires what a package publishes beside its code', () => {
  const postgres = { name: '@otp/store-postgres', version: '0.1.0' };
  const base = ['package.json', 'README.md', 'LICENSE'];
  expect(findPackedFaults(postgres, base)).toHaveLength(1);
  expect(findPackedFaults(postgres, [...base, 'sql/0001-tables.sql'])).toEqual([]);
});
