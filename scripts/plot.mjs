// `node scripts/plot.mjs [--check]`: draws bench/express.json, which `pnpm bench express` writes, as
// docs/assets/cost.svg, and writes the figures below it into the README. With --check it only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/run.mjs';

/** By the names of bench/express.ts. */
const LABELS = new Map([
  ['bare Express', 'bare Express 5, answers 204'],
  ['create by e-mail', '@otp/express, e-mail'],
  ['create by phone', '@otp/express, phone'],
  ['step-up create', '@otp/express, step-up'],
  ['better-auth, by e-mail', 'better-auth email-otp'],
]);
const BAR = { left: 210, top: 46, height: 20, gap: 10, width: 380 };

/** @type {{ date: string, node: string, cores: number, costs: Record<string, { micros: number, ratio: number }> }} */
const run = JSON.parse(readFileSync(join(root, 'bench', 'express.json'), 'utf8'));
const rows = [...LABELS].map(([name, label]) => {
  const cost = run.costs[name];
  if (cost === undefined) throw new Error(`bench/express.json has no "${name}"`);
  return { label, ...cost };
});

const svg = draw();
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const withTable = readme.replace(
  /(<!-- cost: scripts\/plot\.mjs -->\n).*?(<!-- \/cost -->)/s,
  (_, start, end) => `${start}\n${table()}\n\n${end}`,
);
/** @type {[string, string][]} */
const files = [
  [join('docs', 'assets', 'cost.svg'), svg],
  ['README.md', withTable],
];
for (const [path, text] of files) {
  if (!process.argv.includes('--check')) writeFileSync(join(root, path), text);
  else if (readFileSync(join(root, path), 'utf8') !== text) {
    console.error(`${path} does not show bench/express.json: run node scripts/plot.mjs`);
    process.exitCode = 1;
  }
}

function table() {
  const cells = rows.map(({ label, micros, ratio }) => [
    label,
    `${Math.round(micros)} µs`,
    ratio.toFixed(2),
  ]);
  return markdown([['CPU of the server for one request', 'median', 'to bare Express'], ...cells]);
}

/**
 * Columns padded as the formatter of Markdown does.
 *
 * @param {readonly string[][]} lines the first is the head
 */
function markdown(lines) {
  const widths = (lines[0] ?? []).map((_, i) =>
    Math.max(...lines.map((line) => line[i]?.length ?? 0)),
  );
  const pad = (/** @type {readonly string[]} */ line) =>
    `| ${line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = lines;
  return [
    pad(head),
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
    ...body.map(pad),
  ].join('\n');
}

function draw() {
  const step = BAR.height + BAR.gap;
  const longest = Math.max(...rows.map(({ micros }) => micros));
  const bars = rows.map(({ label, micros }, index) => {
    const y = BAR.top + index * step;
    const width = Math.round((micros / longest) * BAR.width);
    const kind = label.startsWith('@otp') ? 'ours' : 'other';
    return `  <text x="${BAR.left - 10}" y="${y + 15}" text-anchor="end">${label}</text>
  <rect class="${kind}" x="${BAR.left}" y="${y}" width="${width}" height="${BAR.height}" rx="3"/>
  <text class="figure" x="${BAR.left + width + 8}" y="${y + 15}">${Math.round(micros)} µs</text>`;
  });
  const height = BAR.top + rows.length * step + 28;
  const width = BAR.left + BAR.width + 80;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">
  <title id="title">CPU time of the server for one request that sends a code</title>
  <style>
    text { font: 13px system-ui, "Liberation Sans", sans-serif; fill: #17201d }
    .title { font-weight: 600 }
    .figure { font-weight: 600 }
    .note { fill: #55615c; font-size: 11px }
    .ours { fill: #0c6b58 }
    .other { fill: #b4c0ba }
  </style>
  <rect width="${width}" height="${height}" rx="8" fill="#ffffff"/>
  <text class="title" x="16" y="26">CPU of the server for one request that sends a code; less is better</text>
${bars.join('\n')}
  <text class="note" x="16" y="${height - 14}">${run.date}, Node ${run.node}, ${run.cores} shared cores, in-memory stores, a sender that does nothing</text>
</svg>
`;
}
