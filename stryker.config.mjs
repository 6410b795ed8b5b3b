export default {
  mutate: ['packages/core/src/lib/**/*.ts', '!**/*.test.ts', '!packages/core/src/lib/testing/**'],
  // What the tests of core need, and nothing that a build has left behind.
  ignorePatterns: ['/bench', '/docs/decisions', '/examples', '/reports', 'coverage', 'dist'],
  plugins: ['@stryker-mutator/vitest-runner'],
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // A busy machine takes twice as long as it did just before; what loops without end meets a limit of hits first.
  timeoutFactor: 2,
  timeoutMS: 10_000,
  // On a machine that is busy with other things the first run, which is about half a minute alone, takes many times that.
  dryRunTimeoutMinutes: 30,
  incremental: true,
  incrementalFile: 'node_modules/.cache/stryker/incremental.json',
  tempDirName: '.stryker-tmp',
  reporters: ['clear-text', 'json', 'html'],
  clearTextReporter: { logTests: false, reportTests: false, reportMutants: false },
  jsonReporter: { fileName: 'reports/mutation/mutation.json' },
  htmlReporter: { fileName: 'reports/mutation/index.html' },
  thresholds: { high: 92, low: 80, break: 80 },
};
