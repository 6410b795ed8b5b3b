// `pnpm run bench [core|express|lambda|memory|postgres …]`: the budgets, as ratios within one run.
import { benchCore } from './core.js';
import { benchExpress } from './express.js';
import { benchLambda } from './lambda.js';
import { benchMemory } from './memory.js';
import { benchPostgres } from './postgres.js';

const SECTIONS: Readonly<Record<string, () => Promise<void>>> = {
  core: benchCore,
  express: benchExpress,
  lambda: benchLambda,
  memory: benchMemory,
  postgres: benchPostgres,
};

const asked = process.argv.slice(2).filter((name) => Object.hasOwn(SECTIONS, name));
for (const name of asked.length > 0 ? asked : Object.keys(SECTIONS)) await SECTIONS[name]?.();
