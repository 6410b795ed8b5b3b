import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { generateKeys } from '@otp/core';
import { cookieOf, type ExchangeRequest, type ExchangeResponse, post } from '../http/exchange.js';
import type { Scenario, ScenarioOptions } from '../kit/scenario.js';
import { type OutputWatch, watchOutput } from '../kit/watch-output.js';
import { createTestSender } from '../service/test-sender.js';

export const ADDRESS = 'canary.user+tag@canary.example';
export const NUMBER = '+33687654321';
export const BY_EMAIL = { identifier: { type: 'email_address', value: ADDRESS } };
export const BY_PHONE = { identifier: { type: 'phone_number', value: NUMBER } };

/** What an error in these cases begins with; proof that it came through at all. */
export const CARRIER = 'carrier pigeon';

/** Long codes: one of six digits may stand in a line of numbers by chance. */
export function privateOptions(more: ScenarioOptions = {}): ScenarioOptions {
  const sender = createTestSender();
  const channel = { sender, codeLength: 10 };
  return {
    ...generateKeys(),
    testSender: sender,
    channels: { sms: { ...channel, countries: 'ALL' }, email: channel },
    retryIntervalSeconds: 0,
    ...more,
  };
}

/** Everything private that a scenario comes to know, and everything that others get to see. */
export class Witness {
  readonly #t: Scenario;
  readonly #watch: OutputWatch = watchOutput();
  readonly #secrets = new Set([ADDRESS, NUMBER, NUMBER.slice(1)]);
  readonly #refusals: ExchangeResponse[] = [];

  constructor(t: Scenario, { keyring, signingKeys = [] }: ScenarioOptions) {
    this.#t = t;
    for (const secret of Object.values(keyring?.secrets ?? {})) this.#secrets.add(secret);
    if (keyring !== undefined) this.#secrets.add(keyring.limits);
    for (const { d = '' } of signingKeys) this.#secrets.add(d);
  }

  get secrets(): readonly string[] {
    return [...this.#secrets];
  }

  /** A challenge token that nobody else may see. */
  challenge(): string {
    return this.keep(
      this.#t.challenge({ identifier: BY_PHONE.identifier, sub: `user-${this.#secrets.size}` }),
    );
  }

  keep(token: string): string {
    for (const part of [token, ...token.split('.').slice(1)]) this.#secrets.add(part);
    return token;
  }

  async ask(request: ExchangeRequest): Promise<ExchangeResponse> {
    const response = await this.#t.exchange(request);
    for (const { code } of this.#t.sender.messages) this.#secrets.add(code);
    if (response.status >= 300) this.#refusals.push(response);
    else assert.ok(response.status === 200 || response.body === '');
    return response;
  }

  async create(body: unknown): Promise<string> {
    const cookie = cookieOf(await this.ask(post('/', body)));
    this.keep(cookie.slice(cookie.indexOf('=') + 1));
    return cookie;
  }

  /** An error that says it all, in every place where an error can. */
  carrier(): Error {
    const all = this.secrets.map((each) => `${each}, "${each}" ?q=${encodeURIComponent(each)};`);
    const text = `${CARRIER} ${all.join('\n')}`;
    return Object.assign(new Error(text, { cause: new Error(text) }), { response: text });
  }

  /** Searches all that was seen; `carried` when an event must have brought an error of ours. */
  async assertNothingShows({ carried }: { carried: boolean }): Promise<void> {
    const { events, service } = this.#t;
    const lines = await this.#watch.lines();
    const seen = {
      events: inspect(events, { depth: null, showHidden: true }) + JSON.stringify(events),
      output: lines.join('\n'),
      refusals: JSON.stringify(this.#refusals),
      service: inspect(service, { depth: null, showHidden: true }) + JSON.stringify(service),
    };
    assert.equal(seen.events.includes(CARRIER), carried, 'the error did not come through');
    assert.ok(this.#refusals.length > 0 && events.length > 0);
    for (const [place, text] of Object.entries(seen)) {
      for (const secret of this.#secrets) {
        assert.ok(!text.includes(secret), `${place} shows ${secret}: ${text.slice(0, 2000)}`);
      }
    }
  }

  stop(): void {
    this.#watch.stop();
  }
}
