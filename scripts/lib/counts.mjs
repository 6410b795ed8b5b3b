import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * @returns {string} the folder for what vitest's JSON reporter writes: `OTP_TEST_REPORTS`, where several runs are
 * counted together, or else one that is removed when this process exits
 */
export function openReports() {
  const shared = process.env.OTP_TEST_REPORTS;
  if (shared) return shared;
  const own = mkdtempSync(join(tmpdir(), 'otp-tests-'));
  process.once('exit', () => rmSync(own, { recursive: true, force: true }));
  return own;
}

/**
 * @param {string} reports the folder; a run that did not finish has written nothing
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
 * Prints why the run has failed, if it has, and what CI reads, last and on a line of its own: `N passed, N failed`.
 *
 * @param {Counts} counts
 * @param {readonly string[]} faults of anything but a test
 */
export function conclude({ passed, failed, skipped }, faults) {
  const reasons = [...faults];
  if (reasons.length === 0 && passed + failed === 0) reasons.push('tests: none was run');
  if (skipped > 0) reasons.push(`tests: ${skipped} skipped or to do, which would hide a failure`);
  for (const reason of reasons) console.log(`FAILED ${reason}`);
  if (reasons.length > 0 || failed > 0) process.exitCode = 1;
  console.log(`\n${passed} passed, ${reasons.length > 0 ? Math.max(failed, 1) : failed} failed`);
}
