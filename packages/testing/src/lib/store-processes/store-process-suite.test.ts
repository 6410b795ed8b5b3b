import { createMemoryStore } from '@otp/core';
import type { OtpStore } from '@otp/core/store';
import { serveStore } from '@otp/test/store-over-socket';
import { storeProcesses } from '@otp/test/store-processes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { replaceVerbs } from '../kit/test-kit.js';
import { storeProcessCases } from './store-process-suite.js';

const CASES = storeProcessCases.map((each) => [each.name, each] as const);
const TIME_LIMIT_MS = 120_000;
const ROUNDS = 2;
const CHECKS_EACH = 250;

const closing: (() => void)[] = [];
afterAll(() => {
  for (const close of closing.splice(0)) close();
});

/** The processes of a case over a store of this one. */
async function share(store: OtpStore) {
  const { url, close } = await serveStore(store);
  closing.push(close);
  const storeModule = new URL('../../../../../test/store-over-socket.ts', import.meta.url);
  return { ...storeProcesses(storeModule, url), rounds: ROUNDS, checksEach: CHECKS_EACH };
}

describe('over processes', () => {
  let shared: Awaited<ReturnType<typeof share>>;
  beforeAll(async () => {
    shared = await share(createMemoryStore());
  });

  test.each(CASES)('memory store: %s', (_, { run }) => run(shared), TIME_LIMIT_MS);
});

/** Each breaks one promise; `noticed` is part of the title of the case that fails. */
const FAULTY: readonly (readonly [
  fault: string,
  noticed: string,
  (store: OtpStore) => Partial<OtpStore>,
])[] = [
  ['completes for everybody', 'R02', () => ({ complete: async () => ({ ok: true }) })],
  [
    'ignores the number of guesses',
    'wrong codes at once',
    (store) => ({
      open: (record, ...more) => store.open({ ...record, maxGuesses: 1_000 }, ...more),
    }),
  ],
  [
    'admits without limits',
    'R04',
    (store) => ({ open: (record, _, tallies) => store.open(record, [], tallies) }),
  ],
];

describe('over processes a faulty store fails', () => {
  test.each(FAULTY)(
    'one that %s',
    async (_, noticed, fault) => {
      const memory = createMemoryStore();
      const processes = await share(replaceVerbs(memory, fault(memory)));
      const [found] = storeProcessCases.filter(({ name }) => name.includes(noticed));
      await expect(found?.run({ ...processes, rounds: 1 })).rejects.toThrow();
    },
    TIME_LIMIT_MS,
  );

  test(
    'and so do processes whose module makes no store',
    async () => {
      const processes = await share(createMemoryStore());
      const [first] = storeProcessCases;
      const storeModule = new URL('./race-messages.ts', import.meta.url).href;
      await expect(first?.run({ ...processes, storeModule })).rejects.toThrow(
        'no createStore(url)',
      );
    },
    TIME_LIMIT_MS,
  );
});
