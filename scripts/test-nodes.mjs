// `pnpm test:nodes`: the suites of core and the adapters on every version of Node that we support.
import { conclude, openReports, readCounts } from './lib/counts.mjs';
import { testOnNodes } from './lib/nodes.mjs';

const reports = openReports();
/** @type {string[]} */
const faults = [];
await testOnNodes(reports).catch((error) => faults.push(String(error.message)));
conclude(readCounts(reports), faults);
