// `pnpm run bench [SECTION …]`: the budgets, as ratios within one run.
import { benchCore } from './core.js';
import { benchDynamoDb } from './dynamodb.js';
import { benchExpress } from './express.js';
import { benchLambda } from './lambda.js';
import { benchMemory } from './memory.js';
import { benchNext } from './next.js';
import { benchRedis } from './redis.js';

const SECTIONS: Readonly<Record<string, () => Promise<void>>> = {
  core: benchCore,
  dynamodb: benchDynamoDb,
  express: benchExpress,
  lambda: benchLambda,
  memory: benchMemory,
  next: benchNext,
  redis: benchRedis,
};

const asked = process.argv.slice(2).filter((name) => Object.hasOwn(SECTIONS, name));
for (const name of asked.length > 0 ? asked : Object.keys(SECTIONS)) await SECTIONS[name]?.();
