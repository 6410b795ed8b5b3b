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
    // A request has 2 s for its store work. A thousand at once are raced with more, by processes.
    atOnce: 100,
  };

  it.concurrent.each(storeCases)('$name', ({ run }) => run(harness), TIME_LIMIT_MS);
  it.concurrent.each(storeServiceCases)('$name', ({ run }) => run(harness), TIME_LIMIT_MS);
});
