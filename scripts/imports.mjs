// Checks the imports by .dependency-cruiser.mjs, and writes the picture of core's rooms into docs/concepts/architecture.md; with
// `--check` it only reports where that picture is out of date. Also checks what depends on imports: the request flows
// in docs/concepts/architecture.md, and the lists in lib/test-files.mjs.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'dependency-cruiser';
import { reduceEdges } from './lib/reduce-edges.mjs';
import { findFlowFaults } from './lib/request-flows.mjs';
import { root, run } from './lib/run.mjs';
import { findListFaults } from './lib/test-files.mjs';

/** @typedef {import('dependency-cruiser').ICruiseResult} ICruiseResult */

const DOC = join(root, 'docs', 'concepts', 'architecture.md');
const START = '<!-- rooms: written by scripts/imports.mjs -->\n';
const END = '<!-- /rooms -->';

const LIB = '^packages/core/src/lib/';
/** Nearly every room imports these. */
const COMMON = '(?:util/|ports[.]ts|errors[.]ts)';

async function cruise() {
  const folders = ['packages', 'test', 'examples', 'bench', 'scripts'];
  const options = ['--config', '.dependency-cruiser.mjs', '--output-type', 'json'];
  return JSON.parse(await run('depcruise', [...folders, ...options], { quiet: true }));
}

/** @param {ICruiseResult} result */
async function drawRooms(result) {
  const { output } = await format(result, {
    outputType: 'mermaid',
    includeOnly: { path: LIB },
    exclude: { path: `${LIB}(?:${COMMON}|.*[.]test[.]ts$)` },
    collapse: `${LIB}[^/]+`,
  });
  // Without the folders around the rooms, and without what follows from other arrows.
  const lines = String(output)
    .split('\n')
    .filter((line) => line !== '' && !/^(?:subgraph|end$)/.test(line))
    .map((line) => line.replace(/\.ts"\]$/, '"]'));
  return `\n\`\`\`mermaid\n${reduceEdges(lines).join('\n')}\n\`\`\`\n\n`;
}

/** @type {ICruiseResult} */
const result = await cruise();
/** @type {string[]} */
const problems = [];

if (result.summary.error > 0) {
  problems.push(String((await format(result, { outputType: 'err-long' })).output));
}
problems.push(...findListFaults(result));

const text = readFileSync(DOC, 'utf8');
problems.push(...findFlowFaults(text, result));
const [start, end] = [text.indexOf(START), text.indexOf(END)];
if (start < 0 || end < start)
  throw new Error('docs/concepts/architecture.md has lost the markers of rooms');
const written = text.slice(0, start) + START + (await drawRooms(result)) + text.slice(end);
if (!process.argv.includes('--check')) writeFileSync(DOC, written);
else if (written !== text) {
  problems.push('the picture in docs/concepts/architecture.md is out of date: run `pnpm imports`');
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${result.summary.totalCruised} modules`);
