import { setTimeout as sleep } from 'node:timers/promises';
import { generateKeys } from '@otp/core';
import type { OtpStore } from '@otp/core/store';
import type { ExchangeResponse } from '../http/exchange.js';
import { interceptOpen } from '../kit/intercept-open.js';
import type { ScenarioOptions } from '../kit/scenario.js';
import { setUp, type TestKit, times } from '../kit/test-kit.js';
import { createTestClock } from '../service/test-clock.js';
import { createTestSender } from '../service/test-sender.js';
import type { StoreCase, StoreHarness } from '../stores/store-world.js';

const WAIT_SLACK_MS = 100;
const AT_ONCE = 1_000;
/** More than the default: on a busy machine a race over a real database takes longer than 2 s. */
const STORE_TIMEOUT_MS = 30_000;

/** A service on the store under test. */
export interface StoreServiceWorld extends TestKit {
  readonly harness: StoreHarness;
  /** The same service on another client of the data, as a second process has it. */
  readonly peer: TestKit;
  /** Creates another service with the same clock, sender and data, unless `options` says otherwise. */
  beside(options: ScenarioOptions): TestKit;
  /** Lets that much time pass for the store and the services. */
  wait(seconds: number): Promise<void>;
  /** Starts `count` requests at once, on the two services in turn. */
  race(
    count: number,
    request: (t: TestKit, index: number) => Promise<ExchangeResponse>,
  ): Promise<ExchangeResponse[]>;
  /** Requests at once in a race. */
  readonly atOnce: number;
}

/** The times that a case waits for: those of the contract if the clock can be moved, otherwise short ones. */
export interface Pace {
  readonly isMovable: boolean;
  readonly intervalSeconds: number;
  readonly ttlSeconds: number;
}

const CONTRACT_PACE: Pace = { isMovable: true, intervalSeconds: 30, ttlSeconds: 600 };
const SHORT_PACE: Pace = { isMovable: false, intervalSeconds: 2, ttlSeconds: 8 };

export interface ServiceCaseOptions {
  readonly service?: (pace: Pace) => ScenarioOptions;
  /** Whether the case waits for a verification to expire, which then lives `ttlSeconds` of the pace. */
  readonly ends?: boolean;
  /** Difference between the clocks of the services and of the store, in seconds. */
  readonly clockOffSeconds?: number;
  /** Wraps the store of the service, but not that of its peer. */
  readonly wrap?: (store: OtpStore) => OtpStore;
}

/** Options of a case that waits for the interval between two sends. */
export const paced = {
  service: ({ intervalSeconds }: Pace): ScenarioOptions => ({
    retryIntervalSeconds: intervalSeconds,
  }),
};

export function serviceCase(
  name: string,
  body: (world: StoreServiceWorld, pace: Pace) => Promise<void>,
  options: ServiceCaseOptions = {},
): StoreCase {
  return {
    name,
    async run(harness) {
      const pace = harness.advance === undefined ? SHORT_PACE : CONTRACT_PACE;
      const store = await harness.createStore();
      const peerStore = await harness.createPeer?.(store);
      try {
        const world = createWorld(harness, [store, peerStore ?? store], pace, options);
        await body(world, pace);
      } finally {
        await peerStore?.close();
        await store.close();
      }
    },
  };
}

/** A case that runs `rounds` times, because a race may go well by chance. */
export function racingCase(...args: Parameters<typeof serviceCase>): StoreCase {
  const once = serviceCase(...args);
  return {
    name: once.name,
    async run(harness) {
      const { rounds = 1 } = harness;
      for (let round = 0; round < rounds; round += 1) await once.run(harness);
    },
  };
}

function createWorld(
  harness: StoreHarness,
  stores: readonly [store: OtpStore, peer: OtpStore],
  pace: Pace,
  { service, ends = false, clockOffSeconds = 0, wrap }: ServiceCaseOptions,
): StoreServiceWorld {
  const lasting = (each: OtpStore) => (ends ? withTtl(each, pace) : each);
  const store = lasting(stores[0]);
  const shared: ScenarioOptions = {
    ...generateKeys(),
    testClock: createTestClock((harness.now?.() ?? Date.now()) + clockOffSeconds * 1000),
    testSender: createTestSender(),
    storeTimeoutMs: STORE_TIMEOUT_MS,
    ...service?.(pace),
  };
  const kit = setUp({ ...shared, store: wrap?.(store) ?? store });
  const beside = (options: ScenarioOptions) =>
    setUp({ ...shared, testIssuer: kit.issuer, store, ...options });
  const peer = beside({ store: lasting(stores[1]) });
  return {
    ...kit,
    harness,
    peer,
    beside,
    async wait(seconds) {
      kit.clock.advance(seconds);
      if (harness.advance === undefined) await sleep(seconds * 1000 + WAIT_SLACK_MS);
      else await harness.advance(seconds * 1000);
    },
    race: (count, request) =>
      Promise.all(times(count, (index) => request(index % 2 === 0 ? kit : peer, index))),
    atOnce: harness.atOnce ?? AT_ONCE,
  };
}

/** In the store, because the option `ttlSeconds` must be at least a minute. */
function withTtl(store: OtpStore, { ttlSeconds }: Pace): OtpStore {
  return interceptOpen(store, (record) => ({ ...record, ttlSeconds }));
}
