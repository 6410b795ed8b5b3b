/**
 * @typedef {object} Root what the root package.json says for every package
 * @property {string} repository its URL, as a browser opens it
 * @property {string} license
 * @property {string} author
 * @property {readonly string[]} keywords each package may add its own
 */

/**
 * @param {Root} root
 * @param {string} directory of the package in the repository, with `/`
 * @param {import('./projects.mjs').Manifest} manifest
 * @returns {import('./projects.mjs').Manifest} the manifest with what the root says
 */
export function withMetadata({ repository, license, author, keywords }, directory, manifest) {
  const { name, version, description = '', peerDependencies: peers } = manifest;
  const metadata = {
    keywords: [...new Set([...keywords, ...(manifest.keywords ?? [])])],
    homepage: `${repository}/tree/main/${directory}#readme`,
    bugs: `${repository}/issues`,
    repository: { type: 'git', url: `git+${repository}.git`, directory },
    license,
    author,
  };
  const inOrder = { name, version, description, ...metadata };
  const complete = { ...inOrder, ...manifest, ...metadata };
  if (peers?.['@otp/core'] === undefined) return complete;
  return { ...complete, peerDependencies: { ...peers, '@otp/core': corePeer(version) } };
}

/**
 * By semver a minor version of 0.x may break, and Changesets answers a peer that leaves its range with a major version:
 * with `workspace:^` the first minor release of core would make all packages 1.0.0. Changesets reads `^ 0.x` as any 0.x,
 * whereas pnpm publishes `^0.1.0 0.x`, which is `^0.1.0`.
 *
 * @param {string} version of the package, which is that of core
 */
const corePeer = (version) => (version.startsWith('0.') ? 'workspace:^ 0.x' : 'workspace:^');

/** @param {string} text @param {string} repository @returns {string} the text with the URLs of this repository */
export const withRepository = (text, repository) =>
  text.replaceAll(/https:\/\/github\.com\/[\w.-]+\/[\w.-]+/g, repository);
