import { byDepth } from '@otp/test/depth';
import { splitByLoad } from '@otp/test/split-by-load';
import { type StoreHarness, storeCases, storeServiceCases } from '@otp/testing';
import { describe, it } from 'vitest';
import { dump } from './dump.js';
import { SERVERS, serve, serveNodeRedis } from './serve.js';

const TIME_LIMIT_MS = 120_000;

/** The races of processes use a thousand at once. */
const DEPTH = {
  atOnce: byDepth({ quick: 50, full: 100 }),
  guesses: byDepth({ quick: 200, full: 10_000 }),
  verifications: byDepth({ quick: 100, full: 1_000 }),
};

describe.each(SERVERS)('a store on %s', (_, provide) => {
  const { clientAt, storeAt } = serve(provide);
  runCases([...storeCases, ...storeServiceCases], {
    createStore: () => storeAt(0),
    createPeer: () => storeAt(1),
    dump: () => dump(clientAt(0)),
    ...DEPTH,
  });
});

const withNodeRedis = byDepth({
  quick: { servers: SERVERS.slice(0, 1), cases: storeCases },
  full: { servers: SERVERS, cases: [...storeCases, ...storeServiceCases] },
});

describe.each(withNodeRedis.servers)('a store with node-redis on %s', (_, provide) => {
  const { storeAt } = serveNodeRedis(provide);
  runCases(withNodeRedis.cases, {
    createStore: () => storeAt(0),
    createPeer: () => storeAt(1),
    ...DEPTH,
  });
});

function runCases(cases: readonly (typeof storeCases)[number][], harness: StoreHarness): void {
  const { busy, waiting } = splitByLoad(cases);
  it.concurrent.each(waiting)('$name', ({ run }) => run(harness), TIME_LIMIT_MS);
  it.each(busy)('$name', ({ run }) => run(harness), TIME_LIMIT_MS);
}
