import { handle, type OtpService } from '@otp/core';
import { cookieOf, createTestService, type TestServiceOptions } from '@otp/core/testing';
import { type ProvidedServer, provideRedis, provideRedisCluster } from '@otp/test-servers';
import { Cluster, type Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRedisStore } from './index.js';
import { CHARGE } from './lib/limit-scripts.js';
import { CLAIM, OPEN, RESERVE_CHECK, RESERVE_SEND } from './lib/record-scripts.js';
import { TALLY } from './lib/tally-script.js';
import { connect } from './lib/testing/connect.js';
import { holdReplies } from './lib/testing/hold-replies.js';

const SERVERS: readonly [string, () => Promise<ProvidedServer>][] = [
  ['a Redis server', provideRedis],
  ['a Redis Cluster', provideRedisCluster],
];

const PHONE = { identifier: { type: 'phone_number', value: '+33612345678' } };
const EMAIL = { identifier: { type: 'email_address', value: 'user@example.com' } };

describe.each(SERVERS)('waits for %s', (_, provide) => {
  let server: ProvidedServer;
  let client: Redis | Cluster;
  beforeAll(async () => {
    server = await provide();
    client = await connect(server.url);
    await loadScripts(client);
  });
  afterAll(async () => {
    client.disconnect();
    await server.stop();
  });

  async function setUp(options: TestServiceOptions) {
    const { client: holding, countWaits } = holdReplies(client);
    const store = createRedisStore({ client: holding, timeLimitMs: 10_000 });
    // The first use asks for the eviction policy.
    await countWaits(store.ping());
    const t = createTestService({ ...options, store });
    return {
      ...t,
      async ask(path: string, body: object, cookie?: string) {
        const answered = ask(t.service, path, body, cookie);
        const waits = await countWaits(answered);
        return { waits, answer: await answered };
      },
    };
  }

  test.each([
    ['a phone number, the conversion guard on,', PHONE],
    ['an e-mail address', EMAIL],
  ])('a create for %s waits once', async (_, body) => {
    const t = await setUp({});
    const { waits, answer } = await t.ask('/', body);
    expect({ waits, status: answer.status }).toEqual({ waits: 1, status: 204 });
    // Both were asked in that one wait, and what was sent is counted behind the answer.
    const verbs = t.store.calls.map(({ verb }) => verb);
    expect(verbs).toEqual(body === PHONE ? ['open', 'tally', 'tally'] : ['open']);
  });

  test('a retry waits once, and a right code four times', async () => {
    const t = await setUp({ retryIntervalSeconds: 0 });
    const { answer } = await t.ask('/', EMAIL);
    const cookie = cookieOf({ ...answer, body: '' });
    const retried = await t.ask('/retry', {}, cookie);
    expect([retried.waits, retried.answer.status]).toEqual([1, 204]);
    const checked = await t.ask('/check', { code: t.code() }, cookie);
    expect([checked.waits, checked.answer.status]).toEqual([4, 200]);
  });
});

/** On every server: each asks for a script's text the first time. */
async function loadScripts(client: Redis | Cluster): Promise<void> {
  const servers = client instanceof Cluster ? client.nodes('master') : [client];
  for (const { text } of [OPEN, CHARGE, TALLY, RESERVE_SEND, RESERVE_CHECK, CLAIM]) {
    await Promise.all(servers.map((each) => each.script('LOAD', text)));
  }
}

function ask(service: OtpService, path: string, body: object, cookie?: string) {
  const fields = new Map([['content-type', 'application/json']]);
  if (cookie !== undefined) fields.set('cookie', cookie);
  return handle(service, {
    method: 'POST',
    path,
    header: (name) => [fields.get(name) ?? []].flat(),
    body: Buffer.from(JSON.stringify(body)),
    clientAddress: '203.0.113.7',
    url: () => `https://api.test/v1/session/otp${path}`,
  });
}
