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

/** A case of `adapterCases`. */
export interface AdapterCase {
  readonly name: string;
  /** Whether it sends a header field twice. Some gateways pass on the last value only. */
  readonly repeatsFields?: boolean;
  /** Rejects with an `AssertionError` if the adapter breaks the contract. */
  run(adapter: AdapterUnderTest): Promise<void>;
}

/** A service behind an adapter. */
export interface Scenario extends TestService, Omit<MountedAdapter, 'close'> {
  /** Creates a verification, of an e-mail address by default; returns its cookie. */
  open(body?: unknown): Promise<string>;
  /** Asserts the number of records and of messages so far. */
  assertEffects(expected: { stored: number; sent: number }): void;
  /** Does the work and asserts that it called neither store nor sender. */
  untouched(work: () => Promise<void>): Promise<void>;
}

export const EMAIL = { identifier: { type: 'email_address', value: 'user@example.com' } };
export const PHONE = { identifier: { type: 'phone_number', value: '+33612345678' } };

export type ScenarioOptions = TestServiceOptions & MountOptions;

/** A case with a service of its own, which is unmounted at the end. */
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

/** Marks a case that sends a header field twice. */
export function repeatingFields(adapterCase: AdapterCase): AdapterCase {
  return { ...adapterCase, repeatsFields: true };
}

export function toScenario(test: TestService, mounted: MountedAdapter): Scenario {
  const { url, exchange, dropsRepeatedFields = false } = mounted;
  const { sender, store } = test;
  const calls = () => ({ store: store.calls.length, sender: sender.attempts });
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
      const before = calls();
      await work();
      assert.deepEqual(calls(), before, 'neither store nor sender is called');
    },
  };
}
