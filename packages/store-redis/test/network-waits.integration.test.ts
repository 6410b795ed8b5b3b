import { createOtpService, generateKeys, type OtpServiceOptions } from '@otp/core';
import { recordCalls } from '@otp/testing/internal';
import { describe, expect, it } from 'vitest';
import { createRedisStore } from '../src/index.js';
import { countWaits } from './count-waits.js';
import { SERVERS, serve } from './serve.js';

const UNREACHED = [{ max: 1_000_000, windowSeconds: 3600 }];
/** Creates after which every server knows every script. */
const WARM_UP = 60;
const CREATES = 10;

const RECIPIENTS = {
  'an e-mail address': {
    identifierOf: (n: number) => ({ type: 'email_address', value: `user${n}@example.com` }),
    asked: ['open'],
  },
  'a phone number with the conversion guard,': {
    identifierOf: (n: number) => ({ type: 'phone_number', value: `+336${12_345_678 + n}` }),
    // The last tally counts the message after the response.
    asked: ['open', 'tally', 'tally'],
  },
};

describe.each(SERVERS)('on %s', (_, provide) => {
  const { clientAt } = serve(provide);

  it.each(Object.entries(RECIPIENTS))(
    'a create for %s waits for the network once, with every limit',
    async (_name, { identifierOf, asked }) => {
      const counter = countWaits(clientAt(0));
      const store = recordCalls(createRedisStore({ client: counter.client, timeoutMs: 10_000 }));
      const create = createWith(store);
      const found: object[] = [];
      for (let n = 0; n < WARM_UP + CREATES; n += 1) {
        const [waitsBefore, callsBefore] = [counter.waits, store.calls.length];
        const status = await create(identifierOf(n));
        const waits = counter.waits - waitsBefore;
        await create.drain();
        const verbs = store.calls.slice(callsBefore).map(({ verb }) => verb);
        if (n >= WARM_UP) found.push({ status, waits, asked: verbs });
      }
      expect(found).toEqual(
        Array.from({ length: CREATES }, () => ({ status: 204, waits: 1, asked })),
      );
    },
  );
});

/** A service with all limits and the conversion guard. */
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
      conversion: { prefixSampleSize: 1_000 },
    },
  });
  const create = async (identifier: object) => {
    const body = JSON.stringify({ identifier });
    const header = (name: string) => (name === 'content-type' ? ['application/json'] : []);
    const clientAddress = '2001:db8::1';
    const request = { method: 'POST', path: '/', header, body, clientAddress };
    return (await service.handle(request)).status;
  };
  // What is counted behind the answer must not be taken for a wait of the next one.
  return Object.assign(create, { drain: () => service.drain() });
}
