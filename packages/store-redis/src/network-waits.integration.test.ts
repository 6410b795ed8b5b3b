import { createOtpService, generateKeys, handle, type OtpServiceOptions } from '@otp/core';
import { type ProvidedServer, provideRedis, provideRedisCluster } from '@otp/test-servers';
import type { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedisStore } from './index.js';
import { connect } from './lib/testing/connect.js';
import { countWaits } from './lib/testing/count-waits.js';

const UNREACHED = [{ max: 1_000_000, windowSeconds: 3600 }];
/** Until every server knows every script. */
const WARM_UP = 60;
const CREATES = 10;

const SERVERS: readonly [string, () => Promise<ProvidedServer>][] = [
  ['a Redis server', provideRedis],
  ['a Redis Cluster', provideRedisCluster],
];

const RECIPIENTS = {
  'an e-mail address': (n: number) => ({ type: 'email_address', value: `user${n}@example.com` }),
  'a phone number': (n: number) => ({ type: 'phone_number', value: `+336${12_345_678 + n}` }),
};

describe.each(SERVERS)('on %s', (_, provide) => {
  let server: ProvidedServer;
  let client: Redis | Cluster;
  beforeAll(async () => {
    server = await provide();
    client = await connect(server.url);
  });
  afterAll(async () => {
    client.disconnect();
    await server.stop();
  });

  it.each(Object.entries(RECIPIENTS))(
    'a create for %s waits for the network once, with every limit',
    async (_name, recipient) => {
      const counter = countWaits(client);
      const create = createWith(createRedisStore({ client: counter.client, timeLimitMs: 10_000 }));
      const counts: number[] = [];
      for (let n = 0; n < WARM_UP + CREATES; n += 1) {
        const before = counter.waits;
        expect(await create(recipient(n))).toBe(204);
        if (n >= WARM_UP) counts.push(counter.waits - before);
        await create.settled();
      }
      expect(counts).toEqual(Array.from({ length: CREATES }, () => 1));
    },
  );
});

/** A service that holds all limits and watches whether messages are verified. */
function createWith(store: OtpServiceOptions['store']) {
  const sender = { send: async () => undefined };
  const service = createOtpService({
    appId: 'app',
    issuer: 'https://otp.example',
    ...generateKeys(),
    store,
    channels: { sms: { sender, countries: ['FR'] }, email: { sender } },
    limits: {
      clientAddress: UNREACHED,
      clientNetwork: UNREACHED,
      numberPrefix: UNREACHED,
      app: UNREACHED,
      conversion: { prefixSends: 1_000 },
    },
  });
  const create = async (identifier: object) => {
    const body = JSON.stringify({ identifier });
    const header = (name: string) => (name === 'content-type' ? ['application/json'] : []);
    const clientAddress = '2001:db8::1';
    const request = { method: 'POST', path: '/', header, body, clientAddress };
    return (await handle(service, request)).status;
  };
  // What is counted behind the answer must not be taken for a wait of the next one.
  return Object.assign(create, { settled: () => service.settled() });
}
