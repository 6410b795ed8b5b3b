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

export default defineConfig({
  test: {
    projects: [
      {
        resolve: fromSource,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts'],
          exclude: [...configDefaults.exclude, '**/*.integration.test.ts'],
        },
      },
      {
        resolve: fromSource,
        test: {
          name: 'integration',
          include: ['packages/**/*.integration.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 120_000,
        },
      },
      {
        // Runs what `pnpm run build` has built.
        test: {
          name: 'e2e',
          include: ['examples/*/test/**/*.e2e.test.ts'],
          globalSetup: ['scripts/e2e-setup.mjs'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
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
