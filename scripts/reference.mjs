// Writes the parts of the docs that repeat other files: the tables of errors and events from the types of core, the list
// of decisions from their titles, and llms.txt from the index of the docs. With `--check` it only reports differences.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { findDecisionFaults, listDecisions } from './lib/decisions.mjs';
import { pages, readPage } from './lib/pages.mjs';
import { root } from './lib/run.mjs';
import { readInterface, readUnion } from './lib/unions.mjs';

const CORE = join(root, 'packages', 'core', 'src', 'lib');
const ERRORS = join(CORE, 'errors.ts');
const EVENTS = join(CORE, 'events', 'events.ts');
const INDEX = 'docs/README.md';

/** @typedef {import('./lib/unions.mjs').Member} Member */

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} rows */
function table(head, rows) {
  const line = (/** @type {readonly string[]} */ cells) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  // Otherwise the formatter pads every cell to the longest.
  const ignore = '<!-- biome-ignore format: a generated table -->\n';
  return [ignore, line(head), line(head.map(() => '---')), ...rows.map(line)].join('');
}

/** @param {string} code */
const code = (code) => `\`${code}\``;

function errorTable() {
  const text = readFileSync(ERRORS, 'utf8');
  const rows = readUnion(ERRORS, 'ErrorCode').map(({ name, when, advice }) => {
    const row = new RegExp(`^  ${name}: \\{ type: '(\\w+)', status: (\\d+) \\}`, 'm').exec(text);
    const [, type = '', status = ''] = row ?? [];
    return [code(name), status, code(type), when, advice];
  });
  return table(['code', 'status', '`type`', 'when', 'what to do'], rows);
}

const events = [...readUnion(EVENTS, 'RequestEvent'), ...readUnion(EVENTS, 'ServiceEvent')];

function eventTable() {
  const rows = events.map(({ name, when, advice, fields }) => {
    const names = fields.map((each) => code(`${each.name}${each.isOptional ? '?' : ''}`));
    return [code(name), when, names.join(', ') || 'none', advice];
  });
  return table(['event', 'when', 'fields', 'what to do'], rows);
}

/** The fields of all events, each with its first comment. First those that every event of a request may have. */
function fieldTable() {
  const facts = readInterface(EVENTS, 'RequestFacts');
  const all = [...facts, ...events.flatMap(({ fields }) => fields)];
  const names = [...new Set(all.map(({ name }) => name))];
  const rows = names.map((name) => {
    const same = all.filter((field) => field.name === name);
    const text = same.find((field) => field.text !== '')?.text ?? '';
    return [code(name), code(same[0]?.type ?? ''), text];
  });
  return table(['field', 'type', 'meaning'], rows);
}

/** @param {string} path @param {string} type @param {readonly string[]} head */
function unionTable(path, type, head) {
  const rows = readUnion(path, type).map(({ name, when, advice }) => {
    const cells = [code(name), when, advice];
    return cells.slice(0, head.length);
  });
  return table(head, rows);
}

/** llmstxt.org: a title, a summary in a quote, and lists of links under headings. */
function llms() {
  const index = readPage(INDEX)
    .replace(/^# .*\n+/, '')
    .replace(/\]\((?!\w+:)([^)]+)\)/g, (_, path) => `](${posix.join('docs', path)})`);
  const at = index.indexOf('\n## ');
  const summary = index.slice(0, at).trim().replace(/\s*\n/g, ' ');
  return `# otp\n\n> ${summary}\n${index.slice(at)}`;
}

/** @returns {string[]} */
function findUnlisted() {
  const index = readPage(INDEX);
  return pages()
    .filter((page) => /^docs\/(?!README|decisions\/\d)/.test(page))
    .filter((page) => !index.includes(`](${posix.relative('docs', page)})`))
    .map((page) => `${INDEX} does not list ${page}`);
}

/** @type {Readonly<Record<string, Readonly<Record<string, string>>>>} by page, then by the name in its markers */
const SECTIONS = {
  'docs/reference/errors.md': { errors: errorTable() },
  'docs/reference/events.md': {
    events: eventTable(),
    fields: fieldTable(),
    limits: unionTable(join(CORE, 'ports.ts'), 'LimitName', ['`limit`', 'what was exceeded']),
    reasons: unionTable(ERRORS, 'RefusalReason', ['`reason`', 'cause', 'what to do']),
    warnings: unionTable(EVENTS, 'Warning', ['`warning`', 'cause', 'what to do']),
  },
  'docs/decisions/README.md': { decisions: listDecisions() },
};

/** @param {string} page @param {Readonly<Record<string, string>>} sections */
function fill(page, sections) {
  return Object.entries(sections).reduce((text, [name, content]) => {
    const [start, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
    const [from, to] = [text.indexOf(start), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`${page} has lost the markers of ${name}`);
    return `${text.slice(0, from)}${start}\n${content}\n${text.slice(to)}`;
  }, readPage(page));
}

const files = {
  ...Object.fromEntries(Object.entries(SECTIONS).map(([page, each]) => [page, fill(page, each)])),
  'llms.txt': llms(),
};
const problems = [...findUnlisted(), ...findDecisionFaults()];
for (const [name, text] of Object.entries(files)) {
  const path = join(root, name);
  if (!process.argv.includes('--check')) writeFileSync(path, text);
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    problems.push(`${name} is out of date: run \`pnpm reference\``);
  }
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${Object.keys(files).length} files`);
