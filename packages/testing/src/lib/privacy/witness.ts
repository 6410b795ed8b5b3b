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

/** Start of every error in these cases; if an event holds it, the error was reported. */
export const CARRIER = 'carrier pigeon';

/** Long codes, because six digits may occur in other output by chance. */
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

/** Collects the private values of a scenario and what others can see of it. */
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

  /** Issues a challenge token and collects it as private. */
  challenge(): string {
    return this.keep(
      this.#t.challenge({ identifier: BY_PHONE.identifier, sub: `user-${this.#secrets.size}` }),
    );
  }

  /** Collects a value, and the parts of a token, as private. */
  keep(token: string): string {
    for (const part of [token, ...token.split('.').slice(1)]) this.#secrets.add(part);
    return token;
  }

  /** Sends a request and collects its response. */
  async ask(request: ExchangeRequest): Promise<ExchangeResponse> {
    const response = await this.#t.exchange(request);
    for (const { code } of this.#t.sender.messages) this.#secrets.add(code);
    if (response.status >= 300) this.#refusals.push(response);
    else assert.ok(response.status === 200 || response.body === '');
    return response;
  }

  /** Creates a verification; returns its cookie. */
  async create(body: unknown): Promise<string> {
    const cookie = cookieOf(await this.ask(post('/', body)));
    this.keep(cookie.slice(cookie.indexOf('=') + 1));
    return cookie;
  }

  /** An error with every private value in its message, its cause and a member. */
  carrier(): Error {
    const all = this.secrets.map((each) => `${each}, "${each}" ?q=${encodeURIComponent(each)};`);
    const text = `${CARRIER} ${all.join('\n')}`;
    return Object.assign(new Error(text, { cause: new Error(text) }), { response: text });
  }

  /** Searches what others can see for private values. `carried`: an event must show that an error was reported. */
  async assertNothingShows({ carried }: { carried: boolean }): Promise<void> {
    const { events, service } = this.#t;
    const lines = await this.#watch.lines();
    const seen = {
      events: inspect(events, { depth: null, showHidden: true }) + JSON.stringify(events),
      output: lines.join('\n'),
      refusals: JSON.stringify(this.#refusals),
      service: inspect(service, { depth: null, showHidden: true }) + JSON.stringify(service),
    };
    assert.equal(seen.events.includes(CARRIER), carried, 'an event reports the error');
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
