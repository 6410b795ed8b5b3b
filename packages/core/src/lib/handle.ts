import type { OtpConfig } from './config.js';
import { blockedByPolicy, type Failure, fail } from './errors.js';
import { type JsonObject, readJsonBody } from './http/body.js';
import { cookieFor } from './http/cookie.js';
import {
  corsHeaders,
  isAllowedOrigin,
  preflightResponse,
  type RequestOrigin,
  readOrigin,
} from './http/cors.js';
import type { OtpRequest, OtpResponse } from './http/otp-request.js';
import type { Outcome } from './http/outcome.js';
import { toErrorResponse, toResponse } from './http/response.js';
import { reportFault } from './operations/after-response.js';
import { checkVerification } from './operations/check.js';
import { createContext, type IncomingRequest, type RequestContext } from './operations/context.js';
import { createVerification } from './operations/create.js';
import { presentedVerification } from './operations/find-verification.js';
import { createRequestEvents, refusedEvent } from './operations/request-events.js';
import { retryVerification } from './operations/retry.js';

type Operation = (context: RequestContext, body: JsonObject) => Promise<Outcome>;

interface Route {
  /** The name in events: a raw path could contain anything. */
  readonly name: string;
  readonly run: Operation;
  /** A missing body counts as `{}`. */
  readonly optional: boolean;
  /** Whether the request presents a verification. */
  readonly hasHandle: boolean;
}

const ROUTES: Readonly<Record<string, Route>> = {
  '/': { name: 'create', run: createVerification, optional: false, hasHandle: false },
  '/retry': { name: 'retry', run: retryVerification, optional: true, hasHandle: true },
  '/check': { name: 'check', run: checkVerification, optional: false, hasHandle: true },
};
const JWKS_PATH = '/jwks.json';

/** Every path under the mount point that has a route. */
export const ROUTE_PATHS: readonly string[] = [...Object.keys(ROUTES), JWKS_PATH];

/** Answers one request under the mount point. Never rejects: a fault is `internal`, and an event. */
export async function handleRequest(config: OtpConfig, request: OtpRequest): Promise<OtpResponse> {
  const incoming = { config, request, events: createRequestEvents(config) };
  let origin: RequestOrigin = { kind: 'absent' };
  let response: OtpResponse;
  try {
    origin = readOrigin(config.origins, request.header('origin'));
    response = await respond(incoming, origin);
  } catch (error) {
    reportFault(incoming.events, routeName(request))(error);
    response = toErrorResponse(fail('internal'));
  }
  const { status, headers, body } = response;
  return {
    status,
    headers: [...headers, ...corsHeaders(config.origins, origin)],
    body: request.method === 'HEAD' ? null : body,
  };
}

async function respond(incoming: IncomingRequest, origin: RequestOrigin): Promise<OtpResponse> {
  const { config, request } = incoming;
  const route = findRoute(request);
  if (route === undefined && request.path !== JWKS_PATH) {
    return refuse(incoming, fail('not_found', 'There is no such route.'));
  }
  const allowed = route === undefined ? ['GET', 'HEAD'] : ['POST'];
  if (config.origins !== undefined) allowed.push('OPTIONS');
  if (!allowed.includes(request.method)) return refuseMethod(incoming, allowed.join(', '));
  if (!isAllowedOrigin(config.origins, origin)) {
    return refuse(incoming, blockedByPolicy('origin'));
  }
  if (request.method === 'OPTIONS') {
    return preflightResponse(allowed.join(', '), config.allowedHeaders);
  }
  if (route === undefined) return jwksResponse(config);

  const body = await readJsonBody(request, route);
  if (!body.ok) {
    // For the event alone.
    if (route.hasHandle) presentedVerification(incoming);
    return refuse(incoming, body);
  }
  const outcome = await route.run(createContext(incoming), body.value);
  if (!outcome.ok) return refuse(incoming, outcome);
  return toResponse(
    outcome,
    cookieFor(config.cookie, outcome, () => request.header('cookie')),
  );
}

function findRoute({ path }: OtpRequest): Route | undefined {
  return Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
}

function routeName(request: OtpRequest): string {
  return findRoute(request)?.name ?? (request.path === JWKS_PATH ? 'jwks' : 'unknown');
}

function refuseMethod(incoming: IncomingRequest, allow: string): OtpResponse {
  const failure = fail('bad_request', `method: must be ${allow}`);
  const { headers, body } = refuse(incoming, failure);
  return { status: 405, headers: [...headers, ['allow', allow]], body };
}

function refuse({ config, request, events }: IncomingRequest, failure: Failure): OtpResponse {
  const cookie = cookieFor(config.cookie, failure, () => request.header('cookie'));
  // The event of an answer `internal` is `fault`.
  if (failure.code !== 'internal') events.emit(refusedEvent(routeName(request), failure));
  return toErrorResponse(failure, cookie);
}

const JWKS_SECONDS = 300;

function jwksResponse({ jwks }: OtpConfig): OtpResponse {
  const headers = [
    ['cache-control', `public, max-age=${JWKS_SECONDS}`],
    ['content-type', 'application/jwk-set+json'],
  ] as const;
  return { status: 200, headers, body: jwks };
}
