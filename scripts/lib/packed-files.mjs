/** What a package publishes beside its entries, by its name. @type {Readonly<Record<string, readonly RegExp[]>>} */
const EXTRAS = {
  '@otp/store-dynamodb': [/^cloudformation\.yaml$/],
  '@otp/store-postgres': [/^sql\/\d{4}-[a-z-]+\.sql$/],
  // Workers run it by its path.
  '@otp/testing': [/^dist\/race-worker\.(?:js|js\.map|d\.ts)$/],
};

/** What tsup shares between entries; a package may have none. */
const SHARED = /^dist\/(?:chunk-[A-Z\d]{8}\.js(?:\.map)?|[a-z-]+-[\w-]{8}\.d\.ts)$/;

/**
 * @param {import('./projects.mjs').Manifest} manifest as it is packed
 * @param {readonly string[]} files of the tarball, with `/`
 * @returns {string[]} what the tarball lacks, and what it should not have
 */
export function findPackedFaults({ name, exports = {}, bin = {} }, files) {
  const entries = JSON.stringify([exports, bin]).matchAll(/"\.\/dist\/([\w-]+)\.js"/g);
  const required = new Set(['package.json', 'README.md', 'LICENSE']);
  for (const [, entry] of entries) {
    for (const ending of ['js', 'js.map', 'd.ts']) required.add(`dist/${entry}.${ending}`);
  }
  const extras = EXTRAS[name] ?? [];
  const isExpected = (/** @type {string} */ file) =>
    required.has(file) || [SHARED, ...extras].some((pattern) => pattern.test(file));
  return [
    ...[...required].filter((file) => !files.includes(file)),
    ...extras.filter((pattern) => !files.some((file) => pattern.test(file))),
  ]
    .map((missing) => `${name}: ${missing} is missing`)
    .concat(files.filter((file) => !isExpected(file)).map((file) => `${name}: ${file} is packed`));
}
