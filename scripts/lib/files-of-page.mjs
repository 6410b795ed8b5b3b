import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readPage } from './pages.mjs';

/**
 * Writes the blocks of a page whose first line names a file, as `// app.js` or `<!-- index.html -->`.
 *
 * @param {string} page relative to the root
 * @param {string} dir
 */
export function writeFilesOfPage(page, dir) {
  const blocks = readPage(page).matchAll(
    /^```\w+\n(?:\/\/|<!--) (\S+\.\w+)(?: -->)?\n(.*?)^```$/gms,
  );
  for (const [, name = '', text = ''] of blocks) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
}
