import type { RunnerTestCase, RunnerTestFile } from 'vitest';
import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type Reporter, type TestSpecification, type Vitest } from 'vitest/node';
import { fromSource } from './vitest.config.js';

/** These take longest: real time limits, and hundreds of inputs. */
const SLOW =
  /(?:deliver|keys|challenge|memory-store\.cases|jwks\.cases|phone-number|email-address|port-faults\.cases)\.test\.ts$/;

/** Test files that have failed, the last one first: a mutant is mostly killed by what killed its neighbours. */
const killers: string[] = [];

/** The first failure ends a mutant: files that are likely to fail come first, slow ones last. */
class KillerFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    this.dropLongPattern();
    return [...files].sort((a, b) => rankOf(a) - rankOf(b));
  }

  /** Node refuses a pattern of some hundred thousand characters; without a pattern all tests of a file run. */
  private dropLongPattern() {
    for (const { config } of this.ctx.projects) {
      if ((config.testNamePattern?.source.length ?? 0) > 100_000) delete config.testNamePattern;
    }
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const index = killers.indexOf(moduleId);
  if (index !== -1) return index;
  return SLOW.test(moduleId) ? 1_001 : 1_000;
}

function noteKiller(moduleId: string) {
  const index = killers.indexOf(moduleId);
  if (index !== -1) killers.splice(index, 1);
  killers.unshift(moduleId);
}

/** Stryker counts tests only. A file that a mutant keeps from loading has none, so it gets one that failed. */
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

/** The members of a test that stryker reads. */
function failedToLoad(file: RunnerTestFile): RunnerTestCase {
  const read = { type: 'test', mode: 'run', name: 'loads', file, result: file.result };
  return read as unknown as RunnerTestCase;
}

/** The tests that stryker runs for each mutant: those of core that are fast and not random. */
export default defineConfig({
  resolve: fromSource,
  test: {
    include: ['packages/core/{src,test}/**/*.test.ts'],
    exclude: [
      ...configDefaults.exclude,
      '**/*.property.test.ts',
      '**/{model,races,simulation}.cases.test.ts',
    ],
    reporters: ['default', new Failures()],
    setupFiles: ['scripts/mutation-setup.ts'],
    // Loading the library takes longer than most test files, and each mutant has a new worker anyway.
    isolate: false,
    // Longer than any of them takes on a busy machine, and shorter than stryker's own time limit.
    testTimeout: 20_000,
    // Ours needs what stryker's setup file has done.
    sequence: { sequencer: KillerFirst, setupFiles: 'list' },
  },
});
