// Checks that each relative link in our Markdown leads to a file of this repository.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { projects } from './lib/projects.mjs';
import { root } from './lib/run.mjs';

const docs = join(root, 'docs');
const rooms = readdirSync(docs, { withFileTypes: true }).filter((each) => each.isDirectory());
const folders = [
  root,
  docs,
  ...rooms.map(({ name }) => join(docs, name)),
  ...projects().map(({ dir }) => dir),
];
const pages = folders.flatMap((dir) =>
  readdirSync(dir)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(dir, name)),
);

for (const page of pages) {
  // A path only: neither `https:` nor a heading of the same page.
  for (const [, path = ''] of readFileSync(page, 'utf8').matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)) {
    if (existsSync(join(dirname(page), path))) continue;
    console.error(`${relative(root, page)}: ${path} does not exist`);
    process.exitCode = 1;
  }
}
if (process.exitCode === undefined) console.log(`${pages.length} pages`);
