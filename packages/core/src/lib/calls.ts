import * as v from 'valibot';
import type { OtpConfig } from './config.js';
import { type ErrorCode, type Failure, fail, type Result } from './errors.js';
import { createRequestEvents, refuser, reportFault } from './events/request-events.js';
import { type BodyResult, NOT_JSON, parseJsonBody } from './http/body.js';
import type { OtpCookie } from './http/cookie.js';
import type { SessionId } from './http/otp-request.js';
import { readToken } from './http/presented-token.js';
import { cookieOfCreate, cookieOfEnd, type PresentedHandle } from './http/transport.js';
import { checkVerification } from './operations/check.js';
import { createVerification } from './operations/create.js';
import { retryVerification } from './operations/retry.js';
import { readStatus, type VerificationStatus } from './operations/status.js';
import {
  type ClientRequest,
  createContext,
  type IncomingRequest,
  type RequestContext,
} from './request/context.js';
import { ignoreRejection } from './util/ignore-rejection.js';
import { fn, optionsOf, parseOptions, text } from './util/schema.js';

/** The client of a call that has no HTTP request. */
export interface OtpClient {
  /** Its IP address; null if it is unknown. All clients without an address share the limits of one. */
  readonly address: string | null;
  /**
   * The id of the session of the request, or a function that returns it; null or undefined if nobody is signed in. A
   * challenge token with a `sid` is then accepted only from that session.
   * @default without this member, a challenge is accepted from any session
   */
  readonly session?: SessionId | (() => SessionId | Promise<SessionId>);
  /**
   * Returns the value or values of a header field of the client; the name is in lower case. `accept-language` selects the
   * language of messages; the guard can read every field. @default none
   */
  readonly header?: (name: string) => string | readonly string[] | null | undefined;
  /** The DPoP proof that the client sent with a check, and the URL to which it sent it. @default none */
  readonly dpop?: { readonly proof: string | null | undefined; readonly url: string };
}

interface CookieToSet {
  /** The cookie that the host sets or clears; absent if it does neither, and always with `transport: 'header'`. */
  readonly cookie?: OtpCookie;
}

/** `handle` is the token of the verification: the client sends it with retry, check and status. `ttlSeconds` is its life. */
export type CreateResult = Result<{ handle: string; ttlSeconds: number }, ErrorCode> & CookieToSet;
/** A success has no members: the client keeps its handle. */
export type RetryResult = Result<object, ErrorCode> & CookieToSet;
/** `challengeToken` is the token of the completed step, for `consumeSessionStart`, `consumeStepUp` or the next step. */
export type CheckResult = Result<{ challengeToken: string }, ErrorCode> & CookieToSet;
/** `status` is what a page needs to continue after a reload. */
export type StatusResult = Result<{ status: VerificationStatus }, 'unauthorized' | 'internal'> &
  CookieToSet;

export async function create(incoming: IncomingRequest, body: BodyResult): Promise<CreateResult> {
  const outcome = await runOperation(incoming, 'create', (context) =>
    createVerification(context, body),
  );
  if (!outcome.ok) return outcome;
  const { token: handle, ttlSeconds } = outcome;
  const cookie = cookieOfCreate(incoming.config, handle, ttlSeconds);
  return { ok: true, handle, ttlSeconds, ...(cookie && { cookie }) };
}

export async function retry(
  incoming: IncomingRequest,
  handle: PresentedHandle,
  body?: BodyResult,
): Promise<RetryResult> {
  const outcome = await runOperation(incoming, 'retry', (context) =>
    retryVerification(context, handle, body),
  );
  return outcome.ok ? outcome : withEnd(incoming, handle, outcome);
}

export async function check(
  incoming: IncomingRequest,
  handle: PresentedHandle,
  body: BodyResult,
): Promise<CheckResult> {
  const outcome = await runOperation(incoming, 'check', (context) =>
    checkVerification(context, handle, body),
  );
  return withEnd(incoming, handle, outcome);
}

export async function status(
  incoming: IncomingRequest,
  handle: PresentedHandle,
): Promise<StatusResult> {
  const outcome = await runOperation(incoming, 'status', (context) => readStatus(context, handle));
  return outcome.ok ? outcome : withEnd(incoming, handle, outcome);
}

/**
 * Runs an operation. A refusal is emitted as an event; a fault is `internal`, and an event. Never rejects.
 *
 * @param name of the operation in events
 */
async function runOperation<Success extends { readonly ok: true }, Code extends ErrorCode>(
  incoming: IncomingRequest,
  name: string,
  operation: (context: RequestContext) => Promise<Success | Failure<Code>>,
): Promise<Success | Failure<Code | 'internal'>> {
  try {
    const outcome = await operation(createContext(incoming));
    return outcome.ok ? outcome : refuser(incoming.events, name)(outcome);
  } catch (error) {
    reportFault(incoming.events, name)(error);
    return fail('internal');
  }
}

/** If the verification is over, adds the cookie that clears its cookie. */
function withEnd<Outcome extends { readonly ok: true } | Failure>(
  { config }: IncomingRequest,
  handle: PresentedHandle,
  outcome: Outcome,
): Outcome & CookieToSet {
  const cookie = cookieOfEnd(config, handle, outcome);
  return cookie === undefined ? outcome : { ...outcome, cookie };
}

const CLIENT = optionsOf<OtpClient>()({
  address: v.nullable(v.string('must be the IP address of the client, or null if it is unknown')),
  session: v.optional(
    v.custom<NonNullable<OtpClient['session']> | null>(
      (value) => value === null || typeof value === 'string' || typeof value === 'function',
      'must be the id of the session, null if nobody is signed in, or a function that returns it',
    ),
  ),
  header: v.optional(fn<NonNullable<OtpClient['header']>>()),
  dpop: v.optional(
    optionsOf<NonNullable<OtpClient['dpop']>>()({
      proof: v.nullish(v.string('must be the value of the DPoP header')),
      url: text(),
    }),
  ),
});

/** The functions of the service for hosts that have no request to pass to `handle`. */
export function createCalls(config: OtpConfig) {
  const incoming = (request: ClientRequest): IncomingRequest => {
    return { config, request, events: createRequestEvents(config) };
  };
  return {
    create: async (input: unknown, client: OtpClient) =>
      create(incoming(toClientRequest(client)), parseInput(input)),
    retry: async (handle: unknown, client: OtpClient) =>
      retry(incoming(toClientRequest(client)), toHandle(handle)),
    check: async (handle: unknown, input: unknown, client: OtpClient) =>
      check(incoming(toClientRequest(client)), toHandle(handle), parseInput(input)),
    status: (handle: unknown) => status(incoming({ header: () => [] }), toHandle(handle)),
  };
}

/** Where a client can send references, as to a server action of React, reading one of them throws. */
function parseInput(input: unknown): BodyResult {
  try {
    return parseJsonBody({ parsed: input }, { optional: false });
  } catch {
    return NOT_JSON;
  }
}

/** The handle counts as read from a cookie: `cookieOfEnd` clears that, unless the transport is `header`. */
function toHandle(value: unknown): PresentedHandle {
  if (value === undefined || value === null) return readToken([]);
  return { ...readToken([value]), carrier: 'cookie' };
}

function toClientRequest(client: OtpClient): ClientRequest {
  const { address, session, header, dpop } = parseOptions(CLIENT, client, 'client');
  return {
    clientAddress: address ?? undefined,
    // A member that is undefined is not an absent one: a host that has no session must not accept every challenge.
    ...('session' in client && {
      session: typeof session === 'function' ? session : () => session,
    }),
    header(name) {
      if (name === 'dpop') return typeof dpop?.proof === 'string' ? [dpop.proof] : [];
      const value: unknown = header?.(name) ?? [];
      if (typeof value === 'string') return [value];
      if (Array.isArray(value)) return value;
      ignoreRejection(value);
      throw new TypeError('client.header must return a string, strings or null, no promise.');
    },
    url: () => dpop?.url,
  };
}
