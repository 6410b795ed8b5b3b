import type { KeyObject } from 'node:crypto';
import type { Randomness } from '@otp/core';
import {
  cookieOf,
  type ExchangeRequest,
  type ExchangeResponse,
  headerValues,
  type TestService,
} from '@otp/testing';
import { createTestIssuer, decodePayload } from '@otp/testing/internal';
import type { Known } from './body.js';
import { type Choices, happens, pick } from './choices.js';
import { generateRequest, overHttp } from './request.js';
import { generateToken } from './token.js';

type Verification = Pick<Known, 'cookie' | 'code' | 'wrongCode' | 'token'>;

const NOTHING: Verification = {
  cookie: `__verification-login_app=${'A'.repeat(43)}`,
  code: '123456',
  wrongCode: '654321',
  token: undefined,
};

/** A client that mostly uses the values of earlier responses, and sometimes others. */
export class GeneratedClient {
  readonly #choices: Choices;
  readonly #test: TestService;
  readonly #randomness: Randomness;
  readonly #otherKey: KeyObject;
  /** The newest first. */
  readonly #verifications: Verification[] = [NOTHING];
  #token: string;
  #otherToken: string;

  constructor(choices: Choices, test: TestService, randomness: Randomness) {
    this.#choices = choices;
    this.#test = test;
    this.#randomness = randomness;
    const { issuer, kid } = test.issuer;
    this.#otherKey = createTestIssuer(issuer, kid, randomness.bytes(32)).privateKey;
    this.#token = this.#challenge();
    this.#otherToken = this.#challenge();
  }

  /** Returns the seconds until the next request: none, or until a limit may have ended. */
  secondsToWait(): number {
    return pick(this.#choices, [0, 0, 1, 30, 30, 31, 60, 240]);
  }

  next(): ExchangeRequest {
    const choices = this.#choices;
    if (happens(choices, 15)) {
      this.#otherToken = this.#token;
      this.#token = this.#challenge();
    }
    const [latest = NOTHING] = this.#verifications;
    const verification = happens(choices, 20)
      ? pick(choices, [latest, ...this.#verifications])
      : latest;
    const known = { ...verification, otherToken: this.#token };
    return overHttp(
      generateRequest(
        choices,
        happens(choices, 10) ? { ...known, token: this.#oddToken() } : known,
      ),
    );
  }

  /** Remembers the verification that a response has created. */
  take({ body }: ExchangeRequest, response: ExchangeResponse): void {
    const isOpened = response.status === 204 && headerValues(response, 'set-cookie').length > 0;
    if (!isOpened) return;
    const text = Buffer.from(body ?? '').toString();
    this.#verifications.unshift({
      cookie: cookieOf(response),
      code: this.#test.code(),
      wrongCode: this.#test.wrongCode(),
      token: /"challenge_token"\s*:\s*"([^"]+)"/.exec(text)?.[1],
    });
  }

  #challenge(): string {
    const id = () => Buffer.from(this.#randomness.bytes(16)).toString('base64url');
    return this.#test.challenge({ jti: id(), challenge_id: id() });
  }

  #oddToken(): string {
    const { issuer, clock } = this.#test;
    const source = {
      issuer,
      otherKey: this.#otherKey,
      claims: decodePayload(this.#token),
      token: this.#token,
      otherToken: this.#otherToken,
      now: clock.now() / 1000,
    };
    return generateToken(this.#choices, source).token;
  }
}
