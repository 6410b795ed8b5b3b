import { createOp, newCompletion, newGuess, newRecord } from '@otp/test/store-samples';
import { describe, expect, it } from 'vitest';
import { createKeys } from '../src/lib/keys.js';
import { SERVERS, serve } from './serve.js';

const { record: keyOf } = createKeys('otp:');

/** Lua that changes a field of a record; see scripts/records.ts for the fields. */
const CHANGES: readonly (readonly [what: string, change: string])[] = [
  ['whose payload is a list', 'r[2] = {}'],
  ['whose begin is a string', "r[4] = 'soon'"],
  ['whose end is a string', "r[5] = 'soon'"],
  ['without an end', 'r[5] = 1 / 0'],
  ['whose end is no number', 'r[5] = 0 / 0'],
  ['that ends in ages', 'r[5] = 1e300'],
  ['whose number of guesses is a string', "r[6] = '5x'"],
  ['whose gaps are a text', "r[8] = 'none'"],
  ['whose gaps are texts', "r[8] = { 'x' }"],
  ['whose sends are a list', 'r[9] = {}'],
  ['whose next send is a string', "r[12] = 'x'"],
  ['whose channel is a number', 'r[13] = 7'],
  ['that was claimed by a list', 'r[14] = {}'],
  ['whose guesses are a text', "r[15] = 'x'"],
  ['whose guesses are numbers', 'r[15] = { 1, 2 }'],
  ['whose send operations are numbers', 'r[16] = { 1 }'],
  ['whose send operations are texts', "r[16] = { { 'x', 'y' } }"],
  ['of another version', 'r[1] = 2'],
  ['with one field more', 'r[17] = 1'],
];

const KINDS: readonly (readonly [what: string, write: string])[] = [
  ...CHANGES.map(
    ([what, change]) =>
      [
        `a record ${what}`,
        `local r = cmsgpack.unpack(redis.call('GET', KEYS[1])) ${change} redis.call('SET', KEYS[1], cmsgpack.pack(r))`,
      ] as const,
  ),
  ['a text', "redis.call('SET', KEYS[1], 'garbage')"],
  ['nothing', "redis.call('SET', KEYS[1], '')"],
  ['a number', "redis.call('SET', KEYS[1], '42')"],
  ['a list', "redis.call('DEL', KEYS[1]) redis.call('RPUSH', KEYS[1], 'a')"],
  ['a hash', "redis.call('DEL', KEYS[1]) redis.call('HSET', KEYS[1], 'a', 'b')"],
];

describe.each(SERVERS)('on %s', (_, provide) => {
  const { clientAt, storeAt } = serve(provide);

  it.each(KINDS)(
    '%s under the key of a record is returned as an empty payload, every time [S07]',
    async (_what, write) => {
      const store = await storeAt(0);
      const record = newRecord();
      const { id } = record;
      await store.open(record, [], []);
      await clientAt(0).eval(write, 1, keyOf(id));
      for (let time = 0; time < 2; time += 1) {
        const unreadable = { ok: true, record: { sealed: '' } };
        expect(await store.reserveCheck(id, newGuess())).toMatchObject(unreadable);
        expect(await store.reserveSend(id, [], createOp())).toMatchObject(unreadable);
        expect(await store.read(id)).toMatchObject({ sealed: '' });
        expect(await store.complete(id, newCompletion())).toEqual({ ok: false, why: 'gone' });
        await store.cancel(id, 1, []);
        await store.recordSend(id, 1, { channel: 'sms', tallies: [] });
      }
    },
  );
});
