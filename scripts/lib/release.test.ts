import { expect, it } from 'vitest';
import { findReleaseFaults, PLACEHOLDER } from './release.mjs';

const manifest = { path: 'package.json', text: '"repository": "https://github.com/acme/otp"' };

it('lets a release through once the owner is named and every change has a version', () => {
  expect(findReleaseFaults([manifest])).toEqual([]);
});

it('refuses a release while a placeholder stands for the owner, and names the files', () => {
  const [fault, ...others] = findReleaseFaults([
    { path: 'package.json', text: `"repository": "https://github.com/${PLACEHOLDER}/otp"` },
    { path: '.github/CODEOWNERS', text: `* @${PLACEHOLDER}\n` },
    { path: 'README.md', text: `${PLACEHOLDER}, as a word of its own, is no placeholder` },
  ]);

  expect(others).toEqual([]);
  expect(fault).toMatch(/stands in the place of the repository's owner/);
  expect(fault).toMatch(/: package\.json, \.github\/CODEOWNERS\.$/);
});

it('refuses a release of changes that have no version yet', () => {
  const changeset = { path: '.changeset/brave-cats-sing.md', text: '' };
  expect(findReleaseFaults([manifest, changeset])).toEqual([
    'These changes have no version yet: .changeset/brave-cats-sing.md. ' +
      'Run `pnpm changeset version` and commit the result.',
  ]);
});
