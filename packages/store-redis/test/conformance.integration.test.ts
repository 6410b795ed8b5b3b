import { byDepth } from '@otp/test/depth';
import { splitByLoad } from '@otp/test/split-by-load';
import { type StoreHarness, storeCases, storeServiceCases } from '@otp/testing';
import { describe, it } from 'vitest';
import { dump } from './dump.js';
import { SERVERS, serve } from './serve.js';

const TIME_LIMIT_MS = 120_000;

describe.each(SERVERS)('a store on %s', (_, provide) => {
  const { clientAt, storeAt } = serve(provide);
  const harness: StoreHarness = {
    createStore: () => storeAt(0),
    createPeer: () => storeAt(1),
    dump: () => dump(clientAt(0)),
    // The races of processes use a thousand.
    atOnce: byDepth({ quick: 50, full: 100 }),
    guesses: byDepth({ quick: 200, full: 10_000 }),
    verifications: byDepth({ quick: 100, full: 1_000 }),
  };

  const { busy, waiting } = splitByLoad(storeServiceCases);

  it.concurrent.each([...storeCases, ...waiting])(
    '$name',
    ({ run }) => run(harness),
    TIME_LIMIT_MS,
  );
  it.each(busy)('$name', ({ run }) => run(harness), TIME_LIMIT_MS);
});
