import assert from 'node:assert/strict';
import { randomInt, randomUUID } from 'node:crypto';
import { type ExchangeRequest, post } from '../http/exchange.js';
import { email, phone, times } from '../kit/test-kit.js';
import type { RaceResult } from './race-messages.js';
import { type Racers, type StoreProcesses, withRacers } from './race-processes.js';

const PROCESSES = 4;
const CHECKS_EACH = 250;
const ROUNDS = 20;
const CREATORS = 8;
const CREATES_EACH = 25;
const NUMBERS_EACH = 10;
/** The default limits of a recipient and of a number prefix. */
const CREATES_AN_HOUR = 5;
const PREFIX_AN_HOUR = 30;

/** A case of `storeProcessCases`. */
export interface StoreProcessCase {
  readonly name: string;
  /** Rejects with an `AssertionError` if more requests succeed than may. */
  readonly run: (processes: StoreProcesses) => Promise<void>;
}

/**
 * Races of four and eight processes, for stores that processes share.
 *
 * @example for (const { name, run } of storeProcessCases) test(name, () => run({ storeModule, url }), 600_000);
 */
export const storeProcessCases: readonly StoreProcessCase[] = [
  processCase(
    'of 1,000 right codes at once from four processes one succeeds (better-auth #8067) [R02]',
    PROCESSES,
    async (racers, { checksEach }) => {
      const { cookie, code } = await open(racers);
      const each = times(checksEach, () => check(cookie, code));
      const answers = countAnswers(await racers.race(times(PROCESSES, () => each)));
      assert.deepEqual(answers, { '200': 1, unauthorized: PROCESSES * checksEach - 1 });
    },
  ),

  processCase(
    'of 1,000 right codes at once for two verifications of one challenge from four processes one succeeds [R02]',
    PROCESSES,
    async (racers, { checksEach }) => {
      const body = { challenge_token: await racers.issueChallenge(newAddress()) };
      const opened = [await open(racers, body), await open(racers, body)];
      const each = times(checksEach, (n) => {
        const { cookie = '', code = '' } = opened[n % 2] ?? {};
        return check(cookie, code, body);
      });
      const answers = countAnswers(await racers.race(times(PROCESSES, () => each)));
      assert.equal(answers['200'], 1, JSON.stringify(answers));
    },
  ),

  processCase(
    'of 1,000 wrong codes at once from four processes five are evaluated [R03]',
    PROCESSES,
    async (racers, { checksEach }) => {
      const { cookie, code } = await open(racers);
      const each = times(checksEach, () => check(cookie, wrongFor(code)));
      const answers = countAnswers(await racers.race(times(PROCESSES, () => each)));
      assert.deepEqual(answers, {
        bad_check_code: 5,
        unauthorized: PROCESSES * checksEach - 5,
      });
    },
  ),

  processCase(
    'with the right code among 999 wrong ones at once from four processes at most five are evaluated [R03]',
    PROCESSES,
    async (racers, { round, checksEach }) => {
      const { cookie, code } = await open(racers);
      // At another index in each round, also among the first that are evaluated.
      const isRight = (process: number, n: number) =>
        process === round % PROCESSES && n === Math.trunc(round / PROCESSES);
      const requests = times(PROCESSES, (process) =>
        times(checksEach, (n) => check(cookie, isRight(process, n) ? code : wrongFor(code))),
      );
      const {
        '200': right = 0,
        bad_check_code: wrong = 0,
        ...rest
      } = countAnswers(await racers.race(requests));
      assert.ok(right <= 1, `${right} successes`);
      assert.ok(right + wrong <= 5, `${right + wrong} evaluated`);
      assert.deepEqual(rest, { unauthorized: PROCESSES * checksEach - right - wrong });
    },
  ),

  processCase(
    '200 creates at once for one recipient from eight processes stay within its limit [R04, R08]',
    CREATORS,
    async (racers) => {
      const address = newAddress();
      const each = times(CREATES_EACH, () => create(email(address)));
      const { '204': sent = 0, ...rest } = countAnswers(
        await racers.race(times(CREATORS, () => each)),
      );
      assert.ok(sent >= 1 && sent <= CREATES_AN_HOUR, `${sent} sent, ${JSON.stringify(rest)}`);
      assert.deepEqual(rest, { auth_blocked: CREATORS * CREATES_EACH - sent });
      // Refused creates charge nothing: the rest of the limit is still available.
      const later = [];
      for (let count = sent; count <= CREATES_AN_HOUR; count += 1) {
        later.push(...(await racers.race([[create(email(address))]])));
      }
      const { '204': more = 0, auth_blocked } = countAnswers(later);
      assert.deepEqual([sent + more, auth_blocked], [CREATES_AN_HOUR, 1]);
    },
  ),

  processCase(
    '80 creates at once for one number prefix from eight processes stay within its limit [R04]',
    CREATORS,
    async (racers) => {
      const prefix = nextPrefix();
      const numbers = times(CREATORS * NUMBERS_EACH, (n) => `${prefix}${1000 + n}`);
      const requests = times(CREATORS, (process) =>
        numbers.filter((_, n) => n % CREATORS === process).map((number) => create(phone(number))),
      );
      const { '204': sent = 0, ...rest } = countAnswers(await racers.race(requests));
      assert.ok(sent >= 1 && sent <= PREFIX_AN_HOUR, `${sent} sent, ${JSON.stringify(rest)}`);
      assert.deepEqual(rest, { auth_blocked: numbers.length - sent });
      const later = [];
      for (let count = sent; count <= PREFIX_AN_HOUR; count += 1) {
        later.push(...(await racers.race([[create(phone(`${prefix}${2000 + count}`))]])));
      }
      const { '204': more = 0, auth_blocked } = countAnswers(later);
      assert.deepEqual([sent + more, auth_blocked], [PREFIX_AN_HOUR, 1]);
    },
  ),
];

const PREFIXES = 30_000;
let lastPrefix: number | undefined;

/** A German mobile number without its last four digits, a new one for each race. */
function nextPrefix(): string {
  // Here, because Workers allow no random values while a module is loaded.
  lastPrefix = ((lastPrefix ?? randomInt(PREFIXES)) + 1) % PREFIXES;
  return `+4915${String(lastPrefix).padStart(5, '0')}`;
}

interface Race {
  readonly round: number;
  readonly checksEach: number;
}

function processCase(
  name: string,
  count: number,
  body: (racers: Racers, race: Race) => Promise<void>,
): StoreProcessCase {
  return {
    name,
    async run(processes) {
      const { checksEach = CHECKS_EACH, rounds = ROUNDS } = processes;
      await withRacers(processes, count, async (racers) => {
        for (let round = 0; round < rounds; round += 1) {
          await body(racers, { round, checksEach });
        }
      });
    },
  };
}

function newAddress(): string {
  return `${randomUUID()}@example.com`;
}

function create(body: object): ExchangeRequest {
  return post('/', body);
}

function check(cookie: string, code: string, more: object = {}): ExchangeRequest {
  return post('/check', { code, ...more }, { cookie });
}

/** Creates a verification, of a new recipient by default. */
async function open(
  racers: Racers,
  body: object = email(newAddress()),
): Promise<{ cookie: string; code: string }> {
  const [created] = await racers.race([[create(body)]]);
  const { answer, cookie, code } = created ?? {};
  assert.ok(cookie !== undefined && code !== undefined, `create was answered ${answer}`);
  return { cookie, code };
}

function wrongFor(code: string): string {
  return code === '000000' ? '111111' : '000000';
}

function countAnswers(results: readonly RaceResult[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { answer } of results) counts[answer] = (counts[answer] ?? 0) + 1;
  return counts;
}
