import assert from 'node:assert/strict';
import { assertCreated } from '../http/assert-response.js';
import {
  type AdapterUnderTest,
  cookieOf,
  type MountedAdapter,
  type MountOptions,
  post,
} from '../http/exchange.js';
import {
  createTestService,
  type TestService,
  type TestServiceOptions,
} from '../service/test-service.js';

/** One entry of the adapter suite: rejects when the adapter does not behave. */
export interface AdapterCase {
  readonly name: string;
  /** Sends a header field twice, of which some gateways hand on the last value alone. */
  readonly repeatsFields?: boolean;
  run(adapter: AdapterUnderTest): Promise<void>;
}

/** A service, mounted. */
export interface Scenario extends TestService, Omit<MountedAdapter, 'close'> {
  /** Opens a standalone verification of an address, or what `body` asks for; returns its cookie. */
  open(body?: unknown): Promise<string>;
  /** Records that exist and messages that were sent, all told. */
  assertEffects(expected: { stored: number; sent: number }): void;
  /** Does the work, and asserts that neither store nor sender was asked for anything meanwhile. */
  untouched(work: () => Promise<void>): Promise<void>;
}

export const EMAIL = { identifier: { type: 'email_address', value: 'user@example.com' } };
export const PHONE = { identifier: { type: 'phone_number', value: '+33612345678' } };

export type ScenarioOptions = TestServiceOptions & MountOptions;

/** A case with a service of its own, which is unmounted whatever happens. */
export function scenario(
  name: string,
  run: (scenario: Scenario) => Promise<void>,
  options: () => ScenarioOptions = () => ({}),
): AdapterCase {
  return {
    name,
    async run(adapter) {
      const { session, ...serviceOptions } = options();
      const test = createTestService(serviceOptions);
      const mounted = await adapter.mount(test.service, session === undefined ? {} : { session });
      try {
        await run(toScenario(test, mounted));
      } finally {
        await mounted.close();
      }
    },
  };
}

export function repeatingFields(adapterCase: AdapterCase): AdapterCase {
  return { ...adapterCase, repeatsFields: true };
}

export function toScenario(test: TestService, mounted: MountedAdapter): Scenario {
  const { url, exchange, dropsRepeatedFields = false } = mounted;
  const { sender, store } = test;
  const asked = () => ({ store: store.calls.length, sender: sender.attempts });
  return {
    ...test,
    url,
    exchange,
    dropsRepeatedFields,
    async open(body = EMAIL) {
      const response = await exchange(post('/', body));
      assertCreated(response);
      return cookieOf(response);
    },
    assertEffects(expected) {
      assert.deepEqual({ stored: store.stored.size, sent: sender.messages.length }, expected);
    },
    async untouched(work) {
      const before = asked();
      await work();
      assert.deepEqual(asked(), before);
    },
  };
}
