// `npm run test:nodes`: the suites of core and the adapters on every version of Node that we support.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conclude, readCounts } from './lib/counts.mjs';
import { testOnNodes } from './lib/nodes.mjs';

const reports = mkdtempSync(join(tmpdir(), 'otp-tests-'));
process.once('exit', () => rmSync(reports, { recursive: true, force: true }));

/** @type {string[]} */
const faults = [];
await testOnNodes(reports).catch((error) => faults.push(String(error.message)));
conclude(readCounts(reports), faults);
