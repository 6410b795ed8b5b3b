import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig, type Plugin } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { hotFiles } from './scripts/lib/hot-files.mjs';
import { excludedTestFiles } from './scripts/lib/test-files.mjs';

const packages = fileURLToPath(new URL('./packages', import.meta.url));
const helpers = fileURLToPath(new URL('./test', import.meta.url));

/** What only tests import. */
const testHelpers = [
  { find: /^@otp\/test\/(servers|lambda)$/, replacement: `${helpers}/$1/index.ts` },
  { find: /^@otp\/test\/(.+)$/, replacement: `${helpers}/$1.ts` },
];
/** Our packages from source, so that editing and coverage need no build. */
export const fromSource = {
  alias: [
    ...testHelpers,
    { find: /^@otp\/([^/]+)$/, replacement: `${packages}/$1/src/index.ts` },
    { find: /^@otp\/([^/]+)\/([^/]+)$/, replacement: `${packages}/$1/src/$2.ts` },
  ],
};

/** Tests in Lambda's own runtime: apart, so that only they wait for its being compiled, once on a machine. */
const LAMBDA_INTEGRATION = 'packages/lambda/**/*.integration.test.ts';
const LAMBDA_E2E = 'examples/lambda/test/**/*.e2e.test.ts';
const NEXT_E2E = 'examples/next/test/**/*.e2e.test.ts';
/** Compile the apps of guides against the declarations of our packages, which the build of the demo leaves out. */
const NEXT_GUIDE = 'examples/next/test/{guide,server-actions}.e2e.test.ts';

/** Our packages as they are packed, in Bun, Deno and workerd: apart, because they need a build. */
const RUNTIMES = 'packages/fetch/test/runtimes.integration.test.ts';

/** What runs on real servers, each package a project of its own. */
const ON_SERVERS = ['store-redis', 'store-postgres', 'store-dynamodb'];
/** Tests that count waits by the time that they take: alone, because other work would count. */
const WAITS = 'packages/*/test/*waits.integration.test.ts';

/** As tsup's loader does. */
const sqlAsText: Plugin = {
  name: 'sql-as-text',
  transform: (code, id) =>
    id.endsWith('.sql') ? `export default ${JSON.stringify(code)}` : undefined,
};

/** Which test files run is decided in scripts/lib/test-files.mjs. */
const exclude = [...configDefaults.exclude, ...excludedTestFiles(process.env.OTP_TEST_FILES)];

const integration = { testTimeout: 30_000, hookTimeout: 120_000 };
/** A browser for the pages, and servers for OTP_STORE. */
const E2E_SETUP = ['scripts/browser-setup.mjs', 'scripts/servers-setup.mjs'];
/**
 * In CI a test of an example runs once more when it fails: browser, app and servers share a busy machine there, and one
 * of them can miss a time limit. `conclude` in scripts/lib/counts.mjs prints each of these. Nothing else is retried: a
 * store test that fails now and then has found a race.
 */
const retry = process.env.CI ? 1 : 0;
const e2e = { testTimeout: 60_000, hookTimeout: 120_000, retry };

/** What takes longest comes first, or it would run at the end with one core alone. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}

function rankOf({ project, moduleId }: TestSpecification): number {
  if (project.name === 'e2e-next') return 0;
  if (project.name === 'e2e' || project.name.startsWith('store-')) return 1;
  return /\.(?:property|model\.cases)\.test\.ts$/.test(moduleId) ? 2 : 3;
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // By itself vitest leaves a core free, which on a machine with two is half of it.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        resolve: fromSource,
        plugins: [sqlAsText],
        test: {
          name: 'unit',
          include: ['packages/*/{src,test}/**/*.test.ts', '{scripts,test}/**/*.test.ts'],
          exclude: [...exclude, '**/*.integration.test.ts'],
          setupFiles: ['test/generators/seed.ts'],
          // Thousands of generated inputs take a second, and ten on a machine that is busy.
          testTimeout: 60_000,
        },
      },
      {
        resolve: fromSource,
        test: {
          name: 'integration',
          include: ['packages/**/*.integration.test.ts'],
          exclude: [
            ...exclude,
            LAMBDA_INTEGRATION,
            RUNTIMES,
            ...ON_SERVERS.map((name) => `packages/${name}/**`),
          ],
          ...integration,
        },
      },
      ...ON_SERVERS.map((name) => ({
        name,
        include: `packages/${name}/{src,test}/**/*.integration.test.ts`,
      }))
        .concat(
          { name: 'test-servers', include: 'test/servers/*.integration.test.ts' },
          { name: 'waits', include: WAITS },
        )
        .map(({ name, include }) => ({
          resolve: fromSource,
          plugins: [sqlAsText],
          test: {
            name,
            include: [include],
            exclude: name === 'waits' ? exclude : [...exclude, WAITS],
            globalSetup: ['scripts/servers-setup.mjs', 'test/servers/share.ts'],
            // Most of the time of concurrent cases is waiting, by the clock of the server.
            maxConcurrency: 20,
            ...integration,
          },
        })),
      {
        resolve: fromSource,
        test: {
          name: 'integration-lambda',
          include: [LAMBDA_INTEGRATION],
          exclude,
          globalSetup: ['scripts/lambda-setup.mjs'],
          ...integration,
        },
      },
      {
        resolve: fromSource,
        test: {
          name: 'runtimes',
          include: [RUNTIMES],
          exclude,
          globalSetup: ['scripts/runtimes-setup.mjs'],
          ...integration,
        },
      },
      {
        // Runs what `pnpm run build` has built.
        resolve: { alias: testHelpers },
        test: {
          name: 'e2e',
          include: ['examples/*/test/**/*.e2e.test.ts'],
          exclude: [...exclude, LAMBDA_E2E, NEXT_E2E],
          globalSetup: [...E2E_SETUP, 'scripts/demo-setup.mjs'],
          ...e2e,
        },
      },
      {
        resolve: { alias: testHelpers },
        test: {
          name: 'e2e-next',
          include: [NEXT_E2E],
          exclude: [...exclude, NEXT_GUIDE],
          globalSetup: E2E_SETUP,
          ...e2e,
        },
      },
      {
        resolve: { alias: testHelpers },
        test: {
          name: 'e2e-guide',
          include: [NEXT_GUIDE],
          exclude,
          globalSetup: E2E_SETUP,
          ...e2e,
        },
      },
      {
        resolve: { alias: testHelpers },
        test: {
          name: 'e2e-lambda',
          include: [LAMBDA_E2E],
          exclude,
          globalSetup: [...E2E_SETUP, 'scripts/lambda-setup.mjs'],
          ...e2e,
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      exclude: ['**/*.test.ts'],
      reporter: ['text', 'html'],
      thresholds: {
        'packages/core/src/lib/**/*.ts': { branches: 95 },
        [`{${hotFiles().join(',')}}`]: { branches: 100 },
      },
    },
  },
});
