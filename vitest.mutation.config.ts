import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Their tests wait for real time limits, seconds each. */
const SLOW = /(?:deliver|memory-store|keys)\.test\.ts$|(?:faults|jwks)\.cases\.test\.ts$/;

/** The first failure ends a mutant, so what is quick comes first; vitest by itself begins with the longest. */
class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isSlow = ({ moduleId }: TestSpecification) => Number(SLOW.test(moduleId));
    return [...files].sort((a, b) => isSlow(a) - isSlow(b));
  }
}

/** What stryker runs for each mutant: the tests of core that are fast and not random. */
export default defineConfig({
  test: {
    include: ['packages/core/src/**/*.test.ts'],
    exclude: [
      ...configDefaults.exclude,
      '**/*.integration.test.ts',
      '**/*.property.test.ts',
      '**/model.cases.test.ts',
      '**/races.cases.test.ts',
      // These test the conformance suites, not the library.
      'packages/core/src/lib/testing/*.test.ts',
    ],
    setupFiles: ['scripts/mutation-setup.ts'],
    // Stryker has time limits of its own; one of a test would make a busy machine look like a failure.
    testTimeout: 120_000,
    sequence: { sequencer: QuickFirst },
  },
});
