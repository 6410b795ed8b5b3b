import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createKeys } from '../src/lib/keys.js';
import { SERVERS, serve } from './serve.js';

const { record: keyOf } = createKeys('otp:');
const op = () => randomUUID();

/** Lua that changes a field of a record; see record-scripts.ts for the fields. */
const CHANGES: readonly (readonly [what: string, change: string])[] = [
  ['whose payload is a list', 'r[2] = {}'],
  ['whose end is a text', "r[4] = 'soon'"],
  ['without an end', 'r[4] = 1 / 0'],
  ['whose end is no number', 'r[4] = 0 / 0'],
  ['that ends in ages', 'r[4] = 1e300'],
  ['whose number of tries is a text', "r[5] = '5x'"],
  ['whose gaps are a text', "r[7] = 'none'"],
  ['whose gaps are texts', "r[7] = { 'x' }"],
  ['whose sends are a list', 'r[8] = {}'],
  ['whose next send is a text', "r[11] = 'x'"],
  ['whose channel is a number', 'r[12] = 7'],
  ['that was claimed by a list', 'r[13] = {}'],
  ['whose tries are a text', "r[14] = 'x'"],
  ['whose tries are numbers', 'r[14] = { 1, 2 }'],
  ['whose send operations are numbers', 'r[15] = { 1 }'],
  ['whose send operations are texts', "r[15] = { { 'x', 'y' } }"],
  ['of another version', 'r[1] = 2'],
  ['with one field more', 'r[16] = 1'],
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
      const id = randomUUID();
      const record = { id, sealed: 'sealed', binding: null, ttlSeconds: 600, maxTries: 5 };
      await store.open({ ...record, maxSends: 5, gapsSeconds: [0] }, []);
      await clientAt(0).eval(write, 1, keyOf(id));
      for (let time = 0; time < 2; time += 1) {
        const unreadable = { ok: true, record: { sealed: '' } };
        expect(await store.reserveCheck(id, null, op())).toMatchObject(unreadable);
        expect(await store.reserveSend(id, [], op())).toMatchObject(unreadable);
        expect(await store.claim(id, op())).toBe(false);
        await store.cancel(id, 1, []);
        await store.recordChannel(id, 1, 'sms');
      }
    },
  );
});
