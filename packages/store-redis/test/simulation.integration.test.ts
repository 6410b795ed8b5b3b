import { storeSimulationCases } from '@otp/testing';
import { describe, test } from 'vitest';
import { SERVERS, serve } from './serve.js';

const TIME_LIMIT_MS = 120_000;
/** For the single server and for the Cluster. */
const CREATES = [2_000, 500] as const;

describe.each(
  SERVERS.map(([name, provide], place) => [name, CREATES[place] ?? 0, provide] as const),
)('on %s, %i creates', (_, creates, provide) => {
  const { storeAt } = serve(provide);

  test.each(storeSimulationCases)(
    '$name',
    ({ run }) => run({ createStore: () => storeAt(0), createPeer: () => storeAt(1), creates }),
    TIME_LIMIT_MS,
  );
});
