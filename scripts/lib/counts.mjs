import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * @param {string} reports a folder of what vitest's JSON reporter has written; a run that did not get to its end has
 * written nothing
 * @returns {Counts}
 */
export function readCounts(reports) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const name of readdirSync(reports)) {
    const result = JSON.parse(readFileSync(join(reports, name), 'utf8'));
    counts.passed += Number(result.numPassedTests);
    counts.failed += Number(result.numFailedTests);
    counts.skipped += Number(result.numPendingTests) + Number(result.numTodoTests);
  }
  return counts;
}

/**
 * Says why the run has failed, if it has, and what CI reads, last and on a line of its own: `N passed, N failed`.
 *
 * @param {Counts} counts
 * @param {readonly string[]} faults of anything but a test
 */
export function conclude({ passed, failed, skipped }, faults) {
  const reasons = [...faults];
  if (reasons.length === 0 && passed + failed === 0) reasons.push('tests: none was executed');
  if (skipped > 0) reasons.push(`tests: ${skipped} skipped or to do, which would hide a failure`);
  for (const reason of reasons) console.log(`FAILED ${reason}`);
  if (reasons.length > 0 || failed > 0) process.exitCode = 1;
  console.log(`\n${passed} passed, ${reasons.length > 0 ? Math.max(failed, 1) : failed} failed`);
}
