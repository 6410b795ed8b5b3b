import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string[]} retried title and first failure of each test that has passed at a second try
 */

/** @typedef {{ status: string, fullName: string, failureMessages: string[] }} Assertion */

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
  /** @type {Counts} */
  const counts = { passed: 0, failed: 0, skipped: 0, retried: [] };
  for (const name of readdirSync(reports)) {
    const result = JSON.parse(readFileSync(join(reports, name), 'utf8'));
    counts.passed += Number(result.numPassedTests);
    counts.failed += Number(result.numFailedTests);
    counts.skipped += Number(result.numPendingTests) + Number(result.numTodoTests);
    counts.retried.push(...result.testResults.flatMap(listRetried));
  }
  return counts;
}

/** @param {{ assertionResults: Assertion[] }} file */
const listRetried = ({ assertionResults }) =>
  assertionResults
    .filter(({ status, failureMessages }) => status === 'passed' && failureMessages.length > 0)
    .map(({ fullName, failureMessages: [first = ''] }) => `${fullName}: ${first.split('\n')[0]}`);

/**
 * Prints why the run has failed, if it has, and what CI reads, last and on a line of its own: `N passed, N failed`.
 *
 * @param {Counts} counts
 * @param {readonly string[]} faults of anything but a test
 */
export function conclude({ passed, failed, skipped, retried }, faults) {
  for (const test of retried) console.log(`passed at a second try: ${test}`);
  const reasons = [...faults];
  if (reasons.length === 0 && passed + failed === 0) reasons.push('tests: none was run');
  if (skipped > 0) reasons.push(`tests: ${skipped} skipped or to do, which would hide a failure`);
  for (const reason of reasons) console.log(`FAILED ${reason}`);
  if (reasons.length > 0 || failed > 0) process.exitCode = 1;
  console.log(`\n${passed} passed, ${reasons.length > 0 ? Math.max(failed, 1) : failed} failed`);
}
