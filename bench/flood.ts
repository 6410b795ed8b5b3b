// `pnpm flood [creates through core] [creates over Express]`: a million each by default. Every recipient and
// client address is new. The flood lasts for 100 minutes by a clock of its own, on the memory store at its default
// bounds.
import { startCore } from './flood-core.js';
import { startExpress } from './flood-express.js';
import { flood } from './flood-run.js';

const [core = 1_000_000, express = 1_000_000] = process.argv.slice(2).map(Number);
const passed = [
  core > 0 && (await flood('core', await startCore(core), core)),
  express > 0 &&
    (await flood('Express 5 in its own process', await startExpress(express), express)),
];
if (passed.includes(undefined)) process.exitCode = 1;
