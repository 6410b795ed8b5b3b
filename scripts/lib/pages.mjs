import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { projects } from './projects.mjs';
import { root } from './run.mjs';

/** @returns {string[]} our Markdown pages, relative to the root, with `/` */
export function pages() {
  const flat = [root, ...projects().map(({ dir }) => dir)];
  const deep = ['docs', '.github'].map((name) => join(root, name)).filter(existsSync);
  return [
    ...flat.flatMap((dir) => filesIn(dir, false)),
    ...deep.flatMap((dir) => filesIn(dir, true)),
  ]
    .filter((path) => /\.md$/.test(path) && !path.endsWith('/CHANGELOG.md'))
    .sort();
}

/** @param {string} dir @param {boolean} recursive */
const filesIn = (dir, recursive) =>
  readdirSync(dir, { recursive, encoding: 'utf8' }).map((name) =>
    relative(root, join(dir, name)).split(sep).join(posix.sep),
  );

/** @param {string} page */
export const readPage = (page) => readFileSync(join(root, page), 'utf8');

/** @param {string} markdown */
export const withoutCode = (markdown) =>
  markdown.replace(/^( *)(`{3,})[^`]*?^\1\2$/gms, '').replace(/`[^`\n]*`/g, '``');

/**
 * @param {string} markdown
 * @returns {Set<string>} the anchors of its headings, as GitHub names them
 */
export function anchorsOf(markdown) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  const text = markdown.replace(/^( *)(`{3,})[^`]*?^\1\2$/gms, '');
  const anchors = [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const slug = heading
      .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
  return new Set(anchors);
}
