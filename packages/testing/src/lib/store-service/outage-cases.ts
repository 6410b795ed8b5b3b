import assert from 'node:assert/strict';
import { generateKeys } from '@otp/core';
import { headerValues } from '../http/exchange.js';
import { interceptVerbs, type VerbHooks } from '../kit/intercept-verbs.js';
import { EMAIL, PHONE, type ScenarioOptions } from '../kit/scenario.js';
import { answerOf, replaceVerbs, type TestKit } from '../kit/test-kit.js';
import {
  complete,
  createOp,
  GONE,
  newGuess,
  opened,
  SHORT_SECONDS,
  type StoreCase,
  storeCase,
} from '../stores/store-world.js';
import { type Pace, paced, type StoreServiceWorld, serviceCase } from './store-service-world.js';

const INTERNAL = '{"code":"internal","type":"internal"}';
/** Less than the default, since a case that hangs waits for all of it. */
const STORE_TIMEOUT_MS = 500;

type Operation = 'create' | 'retry' | 'check';

const CALLS: readonly (readonly [verb: string, operation: Operation])[] = [
  ['open', 'create'],
  ['reserveSend', 'retry'],
  ['reserveCheck', 'check'],
  ['complete', 'check'],
];

const refuse = () => Promise.reject(new Error('connection refused'));
const hang = () => new Promise(() => {});

/** The reason of the newest event. */
function reasonOf({ events }: TestKit): string | undefined {
  const event = events.at(-1);
  return event?.type === 'refused' ? event.reason : undefined;
}

/** Opens a verification whose retry is due, on a store where one verb fails until it recovers. */
async function failVerb(
  t: StoreServiceWorld,
  { intervalSeconds }: Pace,
  verb: string,
  hook: keyof VerbHooks,
  fail: () => unknown,
  options: ScenarioOptions = {},
) {
  let isUp = true;
  const store = interceptVerbs(t.store, {
    [hook]: (each: string) => (each === verb && !isUp ? fail() : undefined),
  });
  const client = t.beside({ ...options, store });
  const cookie = await t.open(EMAIL);
  const code = t.code();
  await t.wait(intervalSeconds);
  isUp = false;
  const requests = {
    create: () => client.create(PHONE),
    retry: () => client.retry(cookie),
    check: () => client.check(cookie, code),
  };
  const recover = () => {
    isUp = true;
  };
  return { requests, recover };
}

/** Stores that fail, and records of earlier secrets. */
export const outageCases: readonly StoreCase[] = [
  ...CALLS.map(([verb, operation]) =>
    serviceCase(
      `${operation} is 500 if ${verb} of the store fails, sends nothing, and succeeds afterwards [S01]`,
      async (t, pace) => {
        const { requests, recover } = await failVerb(t, pace, verb, 'before', refuse);
        const failed = await requests[operation]();
        assert.deepEqual([failed.status, failed.body], [500, INTERNAL]);
        assert.deepEqual(headerValues(failed, 'set-cookie'), []);
        t.assertEffects({ stored: 1, sent: 1 });
        recover();
        assert.ok((await requests[operation]()).status < 300);
      },
      paced,
    ),
  ),

  serviceCase(
    'create is 500 and sends nothing if the store fails after it has stored the record [S01]',
    async (t, pace) => {
      const { requests, recover } = await failVerb(t, pace, 'open', 'after', refuse);
      const failed = await requests.create();
      assert.deepEqual([failed.status, failed.body], [500, INTERNAL]);
      assert.deepEqual(headerValues(failed, 'set-cookie'), []);
      t.assertEffects({ stored: 2, sent: 1 });
      recover();
      assert.equal(answerOf(await requests.create()), 'auth_blocked');
      await t.wait(pace.intervalSeconds);
      assert.equal((await requests.create()).status, 204);
    },
    paced,
  ),

  ...CALLS.map(([verb, operation]) =>
    serviceCase(
      `${operation} is 500 after the time limit if ${verb} of the store hangs [S01]`,
      async (t, pace) => {
        const options = { storeTimeoutMs: STORE_TIMEOUT_MS };
        const { requests } = await failVerb(t, pace, verb, 'before', hang, options);
        const failed = await requests[operation]();
        assert.deepEqual([failed.status, failed.body], [500, INTERNAL]);
        t.assertEffects({ stored: 1, sent: 1 });
      },
      paced,
    ),
  ),

  storeCase(
    'a record that expired two days ago and was not deleted is gone [S04]',
    async ({ store, age }) => {
      const { id } = await opened(store, { ttlSeconds: SHORT_SECONDS, gapsSeconds: [0] });
      await age(id);
      assert.equal(await store.read(id), undefined);
      assert.deepEqual(await store.reserveCheck(id, newGuess()), GONE);
      assert.deepEqual(await store.reserveSend(id, [], createOp()), GONE);
      assert.deepEqual(await complete(store, id), GONE);
    },
  ),

  serviceCase(
    'the sealed part of one verification cannot be opened under the id of another [S07]',
    async (t) => {
      const sealed: string[] = [];
      const store = replaceVerbs(t.store, {
        open(record, ...more) {
          sealed.push(record.sealed);
          return t.store.open({ ...record, sealed: sealed[0] ?? '' }, ...more);
        },
      });
      const client = t.beside({ store });
      await client.open(EMAIL);
      const code = t.code();
      const second = await client.open(PHONE);
      assert.equal(answerOf(await client.check(second, code)), 'unauthorized');
      assert.equal(reasonOf(client), 'record_corrupt');
    },
  ),

  serviceCase(
    'rotating the secret during a flow fails neither check nor retry [S08]',
    async (t, { intervalSeconds }) => {
      const { one, accepting, rotated } = rotate(t, intervalSeconds);
      const old = await one.open(EMAIL);
      const oldCode = one.code();
      await t.wait(intervalSeconds);
      assert.equal((await rotated.retry(old)).status, 204);
      assert.equal(one.code(), oldCode);
      const fresh = await rotated.open(PHONE);
      assert.equal(answerOf(await accepting.check(fresh, one.code())), '200');
      assert.equal(answerOf(await rotated.check(old, oldCode)), '200');
    },
  ),

  serviceCase('rotation keeps the limits [S08]', async (t) => {
    const { one, rotated } = rotate(t);
    await one.open(EMAIL);
    assert.equal(answerOf(await rotated.create(EMAIL)), 'auth_blocked');
  }),

  serviceCase('a verification of a removed secret is unauthorized [S08]', async (t) => {
    const { one, retired } = rotate(t);
    const cookie = await one.open(EMAIL);
    assert.equal(answerOf(await retired.check(cookie, one.code())), 'unauthorized');
    assert.equal(reasonOf(retired), 'record_retired');
    assert.equal(answerOf(await one.check(cookie, one.code())), '200');
  }),

  serviceCase(
    'a message is sent after every client of the data can see its record [S14]',
    async (t) => {
      const found: boolean[] = [];
      const client = t.beside({
        channels: {
          email: {
            sender: {
              async send({ idempotencyKey }) {
                const [id = ''] = idempotencyKey.split('.');
                found.push((await t.peer.store.read(id)) !== undefined);
              },
            },
          },
        },
      });
      assert.equal((await client.create(EMAIL)).status, 204);
      assert.deepEqual(found, [true]);
    },
  ),
];

/** One service before, during and after a rotation, and after the old secret is removed. */
function rotate(t: StoreServiceWorld, retryIntervalSeconds = 30): Record<Stage, TestKit> {
  const [old, fresh] = [generateKeys(), generateKeys()];
  const { limits } = old.keyring;
  const [before, after] = [old.keyring.secrets, fresh.keyring.secrets];
  const both = { ...before, ...after };
  const serve = (active: string, secrets: Readonly<Record<string, string>>) =>
    t.beside({
      signingKeys: old.signingKeys,
      keyring: { active, secrets, limits },
      retryIntervalSeconds,
    });
  return {
    one: serve(old.keyring.active, before),
    accepting: serve(old.keyring.active, both),
    rotated: serve(fresh.keyring.active, both),
    retired: serve(fresh.keyring.active, after),
  };
}

type Stage = 'one' | 'accepting' | 'rotated' | 'retired';
