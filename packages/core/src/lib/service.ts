import * as v from 'valibot';
import {
  type CheckResult,
  type CreateResult,
  createCalls,
  type OtpClient,
  type RetryResult,
  type StatusResult,
} from './calls.js';
import { type NewChallenge, signNewChallenge } from './challenge/issue.js';
import { assertChallengeServed } from './channels/assert-challenge-served.js';
import { normalizeRecipient } from './channels/fixed-codes.js';
import type { OtpConfig } from './config.js';
import { recipientReference, userReference } from './events/references.js';
import { handleRequest } from './handle.js';
import { hasPublicSuffix } from './http/origins.js';
import type { OtpRequest, OtpResponse } from './http/otp-request.js';
import { limitWarnings } from './limit-options/limit-warnings.js';
import { keysOfRecipient, keysOfUser, type UserName } from './limits/limit-keys.js';
import {
  type CompletedStep,
  type CompleteStepResult,
  completeHostStep,
} from './operations/complete-host-step.js';
import {
  type ConsumeSessionStartResult,
  type ConsumeStepUpResult,
  consumeSessionStart,
  consumeStepUp,
  type ExpectedStepUp,
  type SessionStartProof,
} from './operations/consume.js';
import type { OtpServiceOptions } from './options.js';
import type { Identifier } from './ports.js';
import { resolveOptions } from './resolve-options.js';
import { optionsOf, parseOptions, text } from './util/schema.js';

/**
 * The service that an adapter mounts. `handle`, `create`, `retry`, `check` and `status` never reject for a fault; the other
 * methods reject with the store's own error, so that a host can read its `code`. Events redact errors.
 */
export interface OtpService {
  readonly appId: string;
  /** The option `publicUrl`, or what `baseUrl` makes of it, without a slash at the end. */
  readonly publicUrl: string | undefined;
  /** The name of the cookie, for hosts that read it themselves. */
  readonly cookieName: string;
  /** Answers one request under the mount point. Never rejects: a fault is answered `internal` and reported to `onEvent`. */
  handle(request: OtpRequest): Promise<OtpResponse>;
  /**
   * Sends a code, as `POST /` does, for a host that has no HTTP request to pass on, such as a server action. This function,
   * `retry`, `check` and `status` compare no origin: the host decides which pages may call it. They reject only when
   * `client` is not valid: a failing store or sender is `internal`, and an event.
   *
   * @param input the members of the body, as the client sent them: validated like the body of a request
   * @param client the client that is limited
   * @returns `handle`, which belongs in a cookie of the client, and that `cookie`; or `bad_request`, the error codes of
   *   challenge tokens, `auth_blocked`, `rate_limited` or `internal`
   * @throws TypeError when `client` is not valid, for example has no `address`
   * @example
   * const created = await service.create({ identifier }, { address });
   * if (created.ok && created.cookie) cookies.set(created.cookie.name, created.cookie.value, created.cookie.options);
   */
  create(input: unknown, client: OtpClient): Promise<CreateResult>;
  /**
   * Sends the code again, as `POST /retry` does.
   *
   * @param handle as `create` returned it; undefined or null if the client has none
   * @returns nothing; or `unauthorized`, `auth_blocked`, `rate_limited` or `internal`
   * @throws TypeError when `client` is not valid, for example has no `address`
   */
  retry(handle: unknown, client: OtpClient): Promise<RetryResult>;
  /**
   * Checks a code, as `POST /check` does.
   *
   * @param handle as `create` returned it; undefined or null if the client has none
   * @param input `{ code, challenge_token? }`, as the client sent it
   * @returns the signed token, for `consumeSessionStart`, `consumeStepUp` or the next step, and the `cookie` that clears the
   *   handle; or an error code of `POST /check`, with `attemptsLeft` for `bad_check_code`
   * @throws TypeError when `client` is not valid, for example has no `address`
   */
  check(handle: unknown, input: unknown, client: OtpClient): Promise<CheckResult>;
  /**
   * Returns the state that a page needs to continue after a reload, as `GET /status` does. Counts nothing.
   *
   * @param handle as `create` returned it; undefined or null if the client has none
   * @returns the `status`; or `unauthorized` or `internal`
   */
  status(handle: unknown): Promise<StatusResult>;
  /**
   * Signs a challenge token for a signed-in user, for the step-up endpoint of the host.
   *
   * @returns a compact JWT of at most 4096 characters
   * @throws TypeError that names the field and says what to write, also for a step that this service has no channel for, or
   *   whose recipient it does not serve
   * @example
   * await service.issueChallengeToken({ sub: 'user-1', scope: 'transfer', steps: ['verify_sms'] });
   */
  issueChallengeToken(challenge: NewChallenge): Promise<string>;
  /**
   * Marks the current step of a challenge as done, where it is a step of your own, such as a password: a code completes
   * `verify_…` alone. Uses the token up: of all calls for one token, exactly one succeeds. Checks no DPoP proof.
   *
   * @param token the `challenge_token` that the client sends
   * @param completed the step that the user has done in this request, with user and session
   * @returns a token of the same challenge at its next step, or completed, whose `amr` has the earlier methods too; or
   *   `invalid_challenge_token` (also at another step), `expired_challenge_token`, `token_mismatch` (another user, session or
   *   app) or `token_reused`
   * @throws TypeError when `completed` is not valid; Error when the store fails
   * @example
   * if (!(await isPasswordOf(user, password))) return refuse();
   * const completed = { step: 'password', sub: user.id, sid: session.id, amr: ['pwd'] };
   * const result = await service.completeStep(challenge_token, completed);
   * if (result.ok) send({ challenge_token: result.challengeToken });
   */
  completeStep(token: unknown, completed: CompletedStep): Promise<CompleteStepResult>;
  /**
   * Redeems the token that a standalone check returned. Of all calls for one token, exactly one succeeds.
   *
   * @param token the `challenge_token` that the client sends
   * @param proof the PKCE verifier, if the client sends one
   * @returns the verified `identifier` with the claims; or `invalid_challenge_token`, `expired_challenge_token`,
   *   `token_mismatch` (not for a session start, or not with this verifier) or `token_reused`
   * @throws TypeError when `proof` has other members; Error when the store fails
   * @example
   * const { challenge_token, code_verifier } = request.body;
   * const result = await service.consumeSessionStart(challenge_token, { codeVerifier: code_verifier });
   */
  consumeSessionStart(
    token: unknown,
    proof?: SessionStartProof,
  ): Promise<ConsumeSessionStartResult>;
  /**
   * Redeems the token of a completed step-up. Of all calls for one token, exactly one succeeds.
   *
   * @param token the `challenge_token` that the client sends
   * @param expected user, session and scope of the request; `sid` and `scope` may be null but not left out
   * @returns the claims; or `invalid_challenge_token`, `expired_challenge_token`, `token_mismatch` (not as expected) or
   *   `token_reused`
   * @throws TypeError when `expected` is incomplete; Error when the store fails
   * @example
   * const result = await service.consumeStepUp(token, { sub: user.id, sid: session.id, scope: 'transfer' });
   */
  consumeStepUp(token: unknown, expected: ExpectedStepUp): Promise<ConsumeStepUpResult>;
  /**
   * Forgets everything that was counted for a recipient, or for a user over all challenges. For support desks.
   *
   * @param subject the recipient, in any spelling that a create accepts; or the user of step-ups, `iss` being the issuer of
   *   the challenge, by default the service's own
   * @throws TypeError when it is no mobile number, e-mail address or user; Error when the store fails
   * @example
   * await service.resetLimits({ type: 'phone_number', value: '+33612345678' });
   * await service.resetLimits({ sub: user.id });
   */
  resetLimits(subject: Identifier | UserSubject): Promise<void>;
  /**
   * Returns the reference by which events name a recipient or a user, to find the events of somebody who asks for support.
   *
   * @param subject as for `resetLimits`
   * @returns 16 characters, which stay the same as long as `appId` and the keyring's `limits` do
   * @throws TypeError when it is no mobile number, e-mail address or user
   * @example
   * service.referenceOf({ type: 'phone_number', value: '+33612345678' });
   */
  referenceOf(subject: Identifier | UserSubject): string;
  /**
   * Resolves if the store can be reached, for readiness probes.
   *
   * @throws Error when the store fails
   */
  ping(): Promise<void>;
  /**
   * Resolves when background store writes have finished. For a runtime that stops between requests; the Lambda
   * adapter calls it.
   */
  drain(): Promise<void>;
  /** Resolves when sends passed to `waitUntil` and background store writes have finished. Does not close the store. */
  close(): Promise<void>;
}

/**
 * Creates a service. Does no I/O.
 *
 * @param options see `OtpServiceOptions`
 * @returns a frozen service, to be mounted with an adapter
 * @throws TypeError that names the option and says what to write
 * @example
 * const service = createOtpService({
 *   ...readKeys(),
 *   appId: 'shop',
 *   baseUrl: 'https://api.example.com',
 *   store: createMemoryStore(),
 *   channels: { email: { sender } },
 * });
 */
export function createOtpService(options: OtpServiceOptions): OtpService {
  const background = new Set<Promise<unknown>>();
  const config = resolveOptions(options, background);
  const { limits } = config;
  if (limits !== undefined) for (const each of limitWarnings(limits)) config.warn(each);
  if (hasPublicSuffix(options.origins)) config.warn('origins_public_suffix');
  const service: OtpService = {
    appId: config.appId,
    publicUrl: config.publicUrl,
    cookieName: config.cookie.name,
    handle: (request) => handleRequest(config, request),
    ...createCalls(config),
    issueChallengeToken(challenge) {
      const { issuer, appId: audience, signer, random } = config;
      const now = config.now();
      return signNewChallenge(challenge, {
        issuer,
        audience,
        signer,
        random,
        now,
        assertServed: (checked) => assertChallengeServed(config, checked),
      });
    },
    completeStep: (token, completed) => completeHostStep(config, token, completed),
    consumeSessionStart: (token, proof) => consumeSessionStart(config, token, proof),
    consumeStepUp: (token, expected) => consumeStepUp(config, token, expected),
    async resetLimits(subject) {
      const resolved = resolveSubject(config, subject, 'resetLimits()');
      const isUser = 'sub' in resolved;
      const keys = isUser ? keysOfUser(config, resolved) : keysOfRecipient(config, resolved);
      await config.store.reset(keys);
      config.emit({
        type: 'limits_reset',
        ...(isUser
          ? { user: userReference(config, resolved) }
          : { recipient: recipientReference(config, resolved) }),
      });
    },
    referenceOf(subject) {
      const resolved = resolveSubject(config, subject, 'referenceOf()');
      return 'sub' in resolved
        ? userReference(config, resolved)
        : recipientReference(config, resolved);
    },
    ping: () => config.store.ping(),
    async drain() {
      await Promise.all(config.unwaited);
    },
    async close() {
      await Promise.all(background);
      await Promise.all(config.unwaited);
    },
  };
  return Object.freeze(service);
}

/** A user of step-ups. */
export interface UserSubject {
  readonly sub: string;
  /** @default the issuer of the service */
  readonly iss?: string;
}

const USER = optionsOf<UserSubject>()({ sub: text(), iss: v.optional(text()) });

/** The recipient in canonical form, or the user with the issuer. */
function resolveSubject(
  config: OtpConfig,
  subject: Identifier | UserSubject,
  method: string,
): Identifier | UserName {
  if (typeof subject !== 'object' || subject === null) {
    throw new TypeError(`${method} needs a recipient { type, value } or a user { sub, iss }.`);
  }
  if ('sub' in subject) {
    const { sub, iss = config.issuer } = parseOptions(USER, subject, method);
    return { iss, sub };
  }
  const normalized = normalizeRecipient(subject, config.fixedCodes, config.now());
  if (!normalized.ok) throw new TypeError(normalized.message);
  return normalized.identifier;
}
