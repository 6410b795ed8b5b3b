import type { RunnerTestCase, RunnerTestFile } from 'vitest';
import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type Reporter, type TestSpecification, type Vitest } from 'vitest/node';

/** Their tests take longest: real time limits, and inputs by the hundred. */
const SLOW =
  /(?:deliver|keys|challenge|memory-store\.cases|jwks\.cases|phone-number|email-address|port-faults\.cases)\.test\.ts$/;

/** Files of tests that have failed, the last one first: a mutant is mostly killed by what killed its neighbours. */
const killers: string[] = [];

/** The first failure ends a mutant, so what is likely to fail comes first, and what is slow last. */
class KillerFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    this.dropLongPattern();
    return [...files].sort((a, b) => rankOf(a) - rankOf(b));
  }

  /** Node refuses a pattern of a few hundred thousand characters, and no test would run; without it all of a file do. */
  private dropLongPattern() {
    for (const { config } of this.ctx.projects) {
      if ((config.testNamePattern?.source.length ?? 0) > 100_000) delete config.testNamePattern;
    }
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const place = killers.indexOf(moduleId);
  if (place !== -1) return place;
  return SLOW.test(moduleId) ? 1_001 : 1_000;
}

function noteKiller(moduleId: string) {
  const place = killers.indexOf(moduleId);
  if (place !== -1) killers.splice(place, 1);
  killers.unshift(moduleId);
}

/** Stryker looks at tests alone, and a file that a mutant keeps from loading has none: it gets one that failed. */
class Failures implements Reporter {
  private vitest: Vitest | undefined;

  onInit(vitest: Vitest) {
    this.vitest = vitest;
  }

  onTestRunEnd() {
    const failed = this.vitest?.state.getFiles().filter(({ result }) => result?.state === 'fail');
    const [first] = failed ?? [];
    if (first === undefined) return;
    noteKiller(first.filepath);
    if (first.tasks.length === 0) first.tasks.push(failedToLoad(first));
  }
}

/** As much of a test as stryker reads. */
function failedToLoad(file: RunnerTestFile): RunnerTestCase {
  const read = { type: 'test', mode: 'run', name: 'loads', file, result: file.result };
  return read as unknown as RunnerTestCase;
}

/** What stryker runs for each mutant: the tests of core that are fast and not random. */
export default defineConfig({
  test: {
    include: ['packages/core/src/**/*.test.ts'],
    exclude: [
      ...configDefaults.exclude,
      '**/*.integration.test.ts',
      '**/*.property.test.ts',
      '**/{model,races,simulation}.cases.test.ts',
      // These test the conformance suites, not the library.
      'packages/core/src/lib/testing/*.test.ts',
    ],
    reporters: ['default', new Failures()],
    setupFiles: ['scripts/mutation-setup.ts'],
    // Loading the library takes longer than most of its files of tests, and each mutant has a new worker anyway.
    isolate: false,
    // Longer than a busy machine takes for any of them, and shorter than stryker waits before it starts anew.
    testTimeout: 20_000,
    // Ours builds on what stryker's setup file has done.
    sequence: { sequencer: KillerFirst, setupFiles: 'list' },
  },
});
