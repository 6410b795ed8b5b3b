import { type ConsumeResult, consumeChallengeToken, type ExpectedGrant } from './consume.js';
import { handleWith } from './handle.js';
import { HANDLER } from './handler.js';
import type { OtpRequest } from './http.js';
import { normalizeIdentifier } from './identifier.js';
import { issueChallengeToken, type NewChallenge } from './issue.js';
import { recipientKeys } from './limits.js';
import type { OtpServiceOptions } from './options.js';
import type { Identifier } from './ports.js';
import { resolveOptions } from './resolve-options.js';

/**
 * What a host mounts with an adapter, and calls at both ends of a verification. What the store rejects
 * with reaches the caller of these methods as it is, so that its `code` can be read; only `handle` and
 * events redact it.
 */
export interface OtpService {
  readonly appId: string;
  /**
   * Signs a challenge token for a signed-in user, for the host's own step-up endpoint.
   * @throws TypeError when a field is not as `NewChallenge` says.
   */
  issueChallengeToken(challenge: NewChallenge): Promise<string>;
  /**
   * Takes the completed token that `/check` answered and uses it up: exactly one call succeeds. Answers
   * `invalid_challenge_token`, `expired_challenge_token`, `token_mismatch` or `token_reused` otherwise.
   * @throws TypeError when `expected` does not say what to expect; Error when the store fails.
   */
  consumeChallengeToken(token: unknown, expected: ExpectedGrant): Promise<ConsumeResult>;
  /** For support desks: forgets what was counted for a recipient. @throws TypeError when it is none. */
  resetLimits(identifier: Identifier): Promise<void>;
  /** Resolves when the store answers. */
  ping(): Promise<void>;
  /**
   * Resolves when the store has been told what no answer waits for. For a runtime that stops between requests;
   * the Lambda adapter waits for it.
   */
  settled(): Promise<void>;
  /** Resolves when what was sent behind answers is done. The store is left to whoever opened it. */
  close(): Promise<void>;
}

/**
 * Checks the options and returns the service. Does no I/O.
 * @throws TypeError that names the option and says what to write.
 */
export function createOtpService(options: OtpServiceOptions): OtpService {
  const background = new Set<Promise<unknown>>();
  const config = resolveOptions(options, background);
  const { limits } = config;
  if (limits !== undefined && limits.app === undefined) config.warn('no_app_budget');
  const service: OtpService = {
    appId: config.appId,
    issueChallengeToken(challenge) {
      const { issuer, appId: audience, signer, random } = config;
      return issueChallengeToken(challenge, {
        issuer,
        audience,
        signer,
        random,
        now: config.now(),
      });
    },
    consumeChallengeToken: (token, expected) => consumeChallengeToken(config, token, expected),
    async resetLimits(identifier) {
      const normalized = normalizeIdentifier(identifier);
      if (!normalized.ok) throw new TypeError(normalized.message);
      await config.store.reset(recipientKeys(config, normalized.identifier));
      config.emit({ type: 'limits_reset' });
    },
    ping: () => config.store.ping(),
    async settled() {
      await Promise.all(config.unwaited);
    },
    async close() {
      await Promise.all(background);
      await Promise.all(config.unwaited);
    },
  };
  // Not enumerable: a service may be logged.
  Object.defineProperty(service, HANDLER, {
    value: (request: OtpRequest) => handleWith(config, request),
  });
  return Object.freeze(service);
}
