import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';

const packages = fileURLToPath(new URL('./packages', import.meta.url));

/** Our packages from source, so that editing and coverage need no build. */
const fromSource = {
  alias: [
    { find: /^@otp\/([^/]+)$/, replacement: `${packages}/$1/src/index.ts` },
    { find: /^@otp\/([^/]+)\/([^/]+)$/, replacement: `${packages}/$1/src/$2.ts` },
  ],
};

/** Tests in Lambda's own runtime: apart, so that only they wait for its being compiled, once on a machine. */
const LAMBDA_INTEGRATION = 'packages/lambda/**/*.integration.test.ts';
const LAMBDA_E2E = 'examples/lambda/test/**/*.e2e.test.ts';
const NEXT_E2E = 'examples/next/test/**/*.e2e.test.ts';

/** What runs on real servers, each package a project of its own. */
const ON_SERVERS = ['store-redis', 'store-postgres', 'store-dynamodb', 'test-servers'];

const integration = { testTimeout: 30_000, hookTimeout: 120_000 };
const e2e = { fileParallelism: false, testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    projects: [
      {
        resolve: fromSource,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'examples/lambda/*.test.ts'],
          exclude: [...configDefaults.exclude, '**/*.integration.test.ts'],
        },
      },
      {
        resolve: fromSource,
        test: {
          name: 'integration',
          include: ['packages/**/*.integration.test.ts'],
          exclude: [
            ...configDefaults.exclude,
            LAMBDA_INTEGRATION,
            ...ON_SERVERS.map((name) => `packages/${name}/**`),
          ],
          ...integration,
        },
      },
      ...ON_SERVERS.map((name) => ({
        resolve: fromSource,
        test: {
          name,
          include: [`packages/${name}/src/**/*.integration.test.ts`],
          globalSetup: ['scripts/servers-setup.mjs'],
          ...integration,
        },
      })),
      {
        resolve: fromSource,
        test: {
          name: 'integration-lambda',
          include: [LAMBDA_INTEGRATION],
          globalSetup: ['scripts/lambda-setup.mjs'],
          ...integration,
        },
      },
      {
        // Runs what `pnpm run build` has built.
        test: {
          name: 'e2e',
          include: ['examples/*/test/**/*.e2e.test.ts'],
          exclude: [...configDefaults.exclude, LAMBDA_E2E, NEXT_E2E],
          globalSetup: ['scripts/browser-setup.mjs'],
          ...e2e,
        },
      },
      {
        test: {
          name: 'e2e-next',
          include: [NEXT_E2E],
          globalSetup: ['scripts/browser-setup.mjs'],
          ...e2e,
        },
      },
      {
        test: {
          name: 'e2e-lambda',
          include: [LAMBDA_E2E],
          globalSetup: ['scripts/browser-setup.mjs', 'scripts/lambda-setup.mjs'],
          ...e2e,
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      exclude: ['**/*.test.ts'],
      reporter: ['text', 'html'],
    },
  },
});
