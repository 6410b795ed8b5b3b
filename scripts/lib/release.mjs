/** Stands in the place of the account that owns the repository. */
export const PLACEHOLDER = 'OWNER';

const placeholder = new RegExp(`(?:github\\.com/|@)${PLACEHOLDER}\\b`);

/**
 * @typedef {object} TextFile
 * @property {string} path relative to the root, with `/`
 * @property {string} text
 */

/**
 * @param {readonly TextFile[]} files of the repository
 * @returns {string[]} why these must not be published yet
 */
export function findReleaseFaults(files) {
  const unnamed = files.filter(({ text }) => placeholder.test(text)).map(({ path }) => path);
  const pending = files
    .map(({ path }) => path)
    .filter((path) => /^\.changeset\/.*\.md$/.test(path));
  return [
    ...(unnamed.length > 0 ? [sayUnnamed(unnamed)] : []),
    ...(pending.length > 0 ? [sayPending(pending)] : []),
  ];
}

/** @param {readonly string[]} paths */
const sayUnnamed = (paths) =>
  `${PLACEHOLDER} stands in the place of the repository's owner. Replace it in \`repository\` of the root package.json, ` +
  `run \`pnpm metadata\`, and replace what is left in: ${paths.join(', ')}.`;

/** @param {readonly string[]} paths */
const sayPending = (paths) =>
  `These changes have no version yet: ${paths.join(', ')}. Run \`pnpm changeset version\` and commit the result.`;
