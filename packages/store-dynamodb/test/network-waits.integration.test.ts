import { provideDynamoDb } from '@otp/test/servers';
import { serviceWaits } from '@otp/test/service-waits';
import { createOp, newLimit, newRecord } from '@otp/test/store-samples';
import { newCompletion, newGuess } from '@otp/testing/internal';
import { afterAll, expect, it } from 'vitest';
import { createDynamoStore } from '../src/lib/dynamo-store.js';
import { timeoutMs } from './harness.js';
import { createTestClient, createTestTable } from './test-client.js';
import { createWaitCounter } from './wait-counter.js';

const server = await provideDynamoDb();
const own = createTestClient(server.url);
const table = await createTestTable(own);
const { client, countWaits } = createWaitCounter(own);
const store = createDynamoStore({ client, table, timeoutMs });

afterAll(async () => {
  own.destroy();
  await server.stop();
});

it('an operation waits as often as its README says', async () => {
  expect(await serviceWaits(store, countWaits)).toEqual({
    'create by e-mail': 1,
    'create by phone': 1,
    'create of a step-up': 1,
    retry: 2,
    check: 2,
    'check of a wrong code': 2,
    'check of a step-up': 4,
    'check of a wrong code of a step-up': 3,
    status: 1,
    consume: 1,
  });
}, 60_000);

it('a verb waits once, and once more for what depends on the record', async () => {
  const prepare = async () => {
    const record = newRecord();
    await store.open(record, [], []);
    return record.id;
  };
  const [limit, token] = [newLimit(1_000), () => newLimit(1)];
  const waits = {
    open: await countWaits(
      async () => newRecord(),
      (record) => store.open(record, [limit, newLimit()], []),
    ),
    read: await countWaits(prepare, (id) => store.read(id)),
    reserveSend: await countWaits(prepare, (id) => store.reserveSend(id, [], createOp())),
    'reserveSend, limits': await countWaits(prepare, (id) =>
      store.reserveSend(id, [limit], createOp()),
    ),
    reserveCheck: await countWaits(prepare, (id) => store.reserveCheck(id, newGuess())),
    'reserveCheck, limits and token': await countWaits(prepare, (id) =>
      store.reserveCheck(id, newGuess({ limits: [limit, newLimit()], token: token() })),
    ),
    complete: await countWaits(prepare, (id) =>
      store.complete(id, newCompletion({ guess: [limit] })),
    ),
    'complete, token': await countWaits(prepare, (id) =>
      store.complete(id, newCompletion({ token: token(), guess: [limit] })),
    ),
    charge: await countWaits(
      async () => createOp(),
      (op) => store.charge([limit, newLimit()], op),
    ),
  };
  expect(waits).toEqual({
    open: 1,
    read: 1,
    reserveSend: 1,
    'reserveSend, limits': 2,
    reserveCheck: 1,
    'reserveCheck, limits and token': 2,
    complete: 1,
    'complete, token': 2,
    charge: 1,
  });
}, 60_000);
