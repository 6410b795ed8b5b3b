import { afterAll, afterEach, beforeEach, inject } from 'vitest';

/** A second or more each, for mutants that other tests kill sooner. */
const LONG =
  /10,000|50,000|200 rounds|S06|over 4 KiB|live one when it is full|passes every case|1,000|hangs is followed|hangs in|the outcome of a sender that|S12 a sender that never|gives up a server|never answers, with/;

// Stryker sets the pattern of names itself, so tests are skipped here.
beforeEach(({ task, skip }) => {
  if (LONG.test(task.name)) skip();
});

type Hits = Record<string, number>;

interface Stryker {
  activeMutant?: string | undefined;
  mutantCoverage?: { static: Hits; perTest: Record<string, Hits> };
  currentTestId?: string | undefined;
  /** Ours: a test of this worker has failed. */
  hasFailed?: boolean;
}

declare global {
  interface ImportMeta {
    /** Vite's. */
    glob(patterns: string[]): Record<string, () => Promise<unknown>>;
  }
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly globalNamespace?: string;
    readonly mode?: 'dry-run' | 'mutant';
    readonly activeMutant?: string;
  }
}

const namespace = inject('globalNamespace');
if (namespace !== undefined) {
  const globals = globalThis as unknown as Record<string, Stryker>;
  const stryker = globals[namespace] ?? {};
  globals[namespace] = stryker;
  if (inject('mode') === 'mutant') await activate(stryker);
  else await attribute(stryker);
}

/** Runs once for all tests, so stryker counts it as static: loading each file and making the schema. */
async function load() {
  const loads = import.meta.glob(['../packages/core/src/lib/**/*.ts', '!**/*.test.ts']);
  await Promise.all(Object.values(loads).map((each) => each()));
  const { parseClaims } = await import('../packages/core/src/lib/challenge/claims.js');
  parseClaims({});
}

/** Before the tests of a file, so that their set-up outside of tests runs with the mutant. */
async function activate(stryker: Stryker) {
  // The mutant is dead: there is no need to load the other files.
  if (stryker.hasFailed) throw new Error('killed');
  await load();
  stryker.activeMutant = inject('activeMutant');
  afterEach(({ task }) => {
    stryker.hasFailed ||= task.result?.state === 'fail';
  });
}

/**
 * Counts set-up outside of tests for all tests of its file. Stryker by itself counts it as static, which is nearly
 * everything, and would run every test for it.
 */
async function attribute(stryker: Stryker) {
  const forgotten = stryker.mutantCoverage;
  if (forgotten) Object.assign(forgotten, { static: {}, perTest: {} });
  await load();
  const coverage = stryker.mutantCoverage;
  if (coverage === undefined) return;
  const atLoad = coverage.static;
  coverage.static = {};
  const ids: string[] = [];
  beforeEach(() => {
    if (stryker.currentTestId !== undefined) ids.push(stryker.currentTestId);
  });
  afterAll(() => {
    for (const id of ids) coverage.perTest[id] = { ...coverage.static, ...coverage.perTest[id] };
    coverage.static = atLoad;
  });
}
