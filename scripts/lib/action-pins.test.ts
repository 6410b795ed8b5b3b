import { expect, it } from 'vitest';
import { findUnpinned } from './action-pins.mjs';

const HASH = '0123456789abcdef0123456789abcdef01234567';

it('accepts an action that is pinned to a commit, with its tag', () => {
  expect(findUnpinned(`  - uses: owner/name@${HASH} # v1.2.3\n`)).toEqual([]);
  expect(findUnpinned(`    uses: owner/name/part@${HASH} # v1\n`)).toEqual([]);
});

it.each([
  'owner/name@v1',
  'owner/name@main',
  'owner/name',
  `owner/name@${HASH}`,
  `owner/name@${HASH.slice(0, 7)} # v1`,
  'docker://alpine:3',
])('refuses %s', (action) => {
  expect(findUnpinned(`steps:\n  - uses: ${action}\n`)).toEqual([action]);
});
