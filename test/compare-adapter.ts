import assert from 'node:assert/strict';
import { generateKeys } from '@otp/core';
import {
  type AdapterUnderTest,
  createTestService,
  type Exchange,
  type ExchangeRequest,
  type TestService,
  type TestServiceOptions,
} from '@otp/testing';
import {
  answerOf,
  assertResponse,
  createTestIssuer,
  directExchange,
  showExchange,
} from '@otp/testing/internal';
import { seededChoices, seededRandomness } from './generators/choices.js';
import { GeneratedClient } from './generators/client.js';
import { GENERATION_OPTIONS } from './generators/request.js';

export interface CompareOptions {
  /** The same seed gives the same requests. @default the same for all adapters */
  readonly seed?: number;
  /** Number of requests. @default 2,000 */
  readonly requests?: number;
  /** The client address that the adapter reports. */
  readonly clientAddress: string;
  /** Returns the request as the server passes it to the adapter. @default unchanged */
  readonly received?: (request: ExchangeRequest) => ExchangeRequest;
}

const SEED = 20_260_101;
const REQUESTS = 2_000;

/** Requests to one pair of services, each after the effects of those before. */
const REQUESTS_A_PAIR = 50;
const session = () => 'session-1';

/**
 * Sends generated requests to `handle` and to an adapter, each with a service of its own that has the same random bytes.
 * Rejects at the first difference between the responses, or between the calls of store, sender and `onEvent`.
 *
 * @returns how often each answer occurred, by method and path
 */
export async function compareWithHandle(
  adapter: AdapterUnderTest,
  options: CompareOptions,
): Promise<ReadonlyMap<string, number>> {
  const {
    seed = SEED,
    requests = REQUESTS,
    clientAddress,
    received = (request) => request,
  } = options;
  const met = new Map<string, number>();
  for (let first = 0; first < requests; first += REQUESTS_A_PAIR) {
    const [plain, behind] = createPair(seed + first);
    const mounted = await adapter.mount(behind.service, { session });
    try {
      const direct = directExchange(plain.service, { session, clientAddress });
      const sides: Sides = {
        plain,
        behind,
        direct: (request) => direct(received(request)),
        exchange: mounted.exchange,
      };
      const choices = seededChoices(seed + first);
      const client = new GeneratedClient(choices, plain, seededRandomness(~(seed + first)));
      const count = Math.min(REQUESTS_A_PAIR, requests - first);
      await compareSequence(sides, client, count, met);
    } catch (error) {
      throw new Error(`with the seed ${seed + first}`, { cause: error });
    } finally {
      await mounted.close();
    }
  }
  return met;
}

interface Sides {
  readonly plain: TestService;
  readonly behind: TestService;
  readonly direct: Exchange;
  readonly exchange: Exchange;
}

function createPair(seed: number): [TestService, TestService] {
  const secret = seededRandomness(seed).bytes(32);
  const testIssuer = createTestIssuer('https://issuer.example', 'issuer-1', secret);
  const keys = generateKeys();
  const create = () => {
    const options: TestServiceOptions = {
      ...keys,
      testIssuer,
      randomness: seededRandomness(seed),
      ...GENERATION_OPTIONS,
      // An adapter sees another URL.
      publicUrl: 'https://api.example.com/otp',
      limits: { userFailures: { max: 1, windowSeconds: 600 } },
    };
    return createTestService(options);
  };
  return [create(), create()];
}

async function compareSequence(
  { plain, behind, direct, exchange }: Sides,
  client: GeneratedClient,
  count: number,
  met: Map<string, number>,
): Promise<void> {
  for (let left = count; left > 0; left -= 1) {
    const seconds = client.secondsToWait();
    plain.clock.advance(seconds);
    behind.clock.advance(seconds);
    const request = client.next();
    const expected = await direct(request);
    const response = await exchange(request);
    try {
      assertResponse(response, expected);
      assert.deepEqual(effectsOf(behind), effectsOf(plain));
    } catch (error) {
      throw new Error(showExchange(request, response), { cause: error });
    }
    client.take(request, expected);
    const answer = expected.body === '' ? expected.status : answerOf(expected);
    const exchanged = `${request.method} ${request.path} ${answer}`;
    met.set(exchanged, (met.get(exchanged) ?? 0) + 1);
  }
}

/** The calls of store and sender, and the events, without signals and the time that senders had left. */
function effectsOf({ store, sender, events }: TestService) {
  const messages = sender.messages.map(({ signal: _, timeoutMs: _left, ...message }) => message);
  return { calls: store.calls, stored: [...store.stored], messages, events };
}
