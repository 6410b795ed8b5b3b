// Checks each relative link and image of our Markdown: the file exists, and so does the heading that it names.
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { anchorsOf, pages, readPage, withoutCode } from './lib/pages.mjs';
import { root } from './lib/run.mjs';

/** @param {string} markdown @returns {string[]} the targets that are no URL */
function linksOf(markdown) {
  const text = withoutCode(markdown);
  const found = [
    ...text.matchAll(/\]\(([^)\s]+)[^)]*\)/g),
    ...text.matchAll(/<(?:a|img|source)\s[^>]*?(?:href|src|srcset)="([^"\s]+)/g),
  ];
  return found.map(([, target = '']) => target).filter((target) => !/^\w+:/.test(target));
}

const sources = [...pages(), 'llms.txt'].filter((page) => existsSync(join(root, page)));
let count = 0;
for (const page of sources) {
  for (const link of linksOf(readPage(page))) {
    count += 1;
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : posix.join(posix.dirname(page), path);
    const fault = faultOf(target, anchor);
    if (fault === undefined) continue;
    console.error(`${page}: ${link}: ${fault}`);
    process.exitCode = 1;
  }
}
if (process.exitCode === undefined) console.log(`${count} links in ${sources.length} pages`);

/** @param {string} target @param {string} [anchor] */
function faultOf(target, anchor) {
  if (!existsSync(join(root, target))) return 'the file does not exist';
  if (anchor === undefined || !target.endsWith('.md')) return undefined;
  return anchorsOf(readPage(target)).has(anchor) ? undefined : 'there is no such heading';
}
