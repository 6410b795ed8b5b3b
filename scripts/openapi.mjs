// Writes docs/reference/openapi.yaml from the schemas with which core validates requests and from its table of errors, then
// lints it with redocly. With `--check`, a difference is reported instead of written.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Document, visit } from 'yaml';
import './register-typescript.mjs';
import { root, run } from './lib/run.mjs';

const { document } = await import('./lib/openapi/document.mjs');

const FILE = 'docs/reference/openapi.yaml';
const HEAD = '# Written by scripts/openapi.mjs: run `pnpm openapi`.\n';

const yaml = new Document(document, {
  aliasDuplicateObjects: false,
  // Quotes a time, which parsers of YAML 1.1 would not take for a string.
  compat: 'yaml-1.1',
});
visit(yaml, {
  // A reference needs one line.
  Map(_, map) {
    if (map.has('$ref')) map.flow = true;
  },
});
const text = HEAD + yaml.toString({ lineWidth: 100 });

if (!process.argv.includes('--check')) {
  writeFileSync(join(root, FILE), text);
} else if (readFileSync(join(root, FILE), 'utf8') !== text) {
  console.error(`${FILE} is out of date: run \`pnpm openapi\``);
  process.exitCode = 1;
}
await run('redocly', ['lint', '--extends=recommended-strict', '--format=stylish', FILE], {
  env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  quiet: true,
});
console.log(`${Object.keys(document.paths).length} paths`);
