// Writes the table of docs/reference/cases.md that says which test proves which case of docs/reference/cases.json; with `--check`
// only says what does not fit.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { caseTitles } from './lib/case-titles.mjs';
import { root } from './lib/run.mjs';

/** @typedef {{ case: string, must: string, references?: string[] }} Case */

const DOC = join(root, 'docs', 'reference', 'cases.md');
// Also keeps the formatter from padding every cell to the longest.
const START = '<!-- biome-ignore format: the table is written by scripts/cases-table.mjs -->\n';
const END = '<!-- /cases -->';

/** @type {Case[]} */
const cases = JSON.parse(readFileSync(join(root, 'docs', 'reference', 'cases.json'), 'utf8'));
const titles = caseTitles();

/** @param {Case} each */
const proofsOf = (each) => titles.filter((title) => title.cases.includes(each.case));

/** @returns {string[]} cases and references that no title has, and cases of titles that the list does not have */
function findUnproved() {
  const listed = new Set(cases.map((each) => each.case));
  const named = new Set(titles.flatMap((title) => title.cases));
  const unlisted = [...named].filter((each) => !listed.has(each));
  const unproved = cases.flatMap((each) => {
    const proofs = proofsOf(each);
    if (proofs.length === 0) return [`${each.case} has no test`];
    const { references = [] } = each;
    return references
      .filter((reference) => !proofs.some(({ title }) => title.includes(reference)))
      .map((reference) => `${each.case}: no title names ${reference}`);
  });
  return [...unlisted.map((each) => `a title names ${each}, which cases.json lacks`), ...unproved];
}

function table() {
  const rows = cases.map((each) => {
    const found = proofsOf(each);
    const files = [...new Set(found.map(({ file }) => file))];
    const proofs = files.map((file) => {
      const own = found.filter((title) => title.file === file);
      const link = `[${posix.basename(file)}](../../${file})`;
      return `${link}: ${own.map(({ title }) => inCell(title)).join('; ')}`;
    });
    return `| ${each.case} | ${each.must} | ${proofs.join('<br>')} |\n`;
  });
  return ['| case | requirement | tests |\n', '| --- | --- | --- |\n', ...rows].join('');
}

/** @param {string} text */
const inCell = (text) =>
  text
    .trim()
    .replace(/[|<>[\]*_`\\]/g, '\\$&')
    .replaceAll('\n', ' ');

const text = readFileSync(DOC, 'utf8');
const [start, end] = [text.indexOf(START), text.indexOf(END)];
if (start < 0 || end < start)
  throw new Error('docs/reference/cases.md has lost the markers of its table');
const written = `${text.slice(0, start)}${START}${table()}${text.slice(end)}`;

const problems = findUnproved();
if (!process.argv.includes('--check')) writeFileSync(DOC, written);
else if (written !== text) {
  problems.push('the table in docs/reference/cases.md differs from the tests: run `pnpm cases`');
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${cases.length} cases, ${titles.length} titles`);
