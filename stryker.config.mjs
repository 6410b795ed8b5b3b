import { hotFiles } from './scripts/lib/hot-files.mjs';

export default {
  mutate: hotFiles(),
  // Not needed by the tests of core.
  ignorePatterns: ['/bench', '/docs/decisions', '/examples', '/reports', 'coverage', 'dist'],
  plugins: ['@stryker-mutator/vitest-runner'],
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // A busy machine may take twice as long as in the first run; an endless loop meets a limit of hits first.
  timeoutFactor: 2,
  timeoutMS: 10_000,
  // Half a minute when the machine is idle, and many times that when it is not.
  dryRunTimeoutMinutes: 30,
  incremental: true,
  incrementalFile: 'node_modules/.cache/stryker/incremental.json',
  tempDirName: '.stryker-tmp',
  reporters: ['clear-text', 'json', 'html'],
  clearTextReporter: { logTests: false, reportTests: false, reportMutants: false },
  jsonReporter: { fileName: 'reports/mutation/mutation.json' },
  htmlReporter: { fileName: 'reports/mutation/index.html' },
  thresholds: { high: 92, low: 92, break: null },
};
