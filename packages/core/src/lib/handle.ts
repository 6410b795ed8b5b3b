import type { OtpConfig } from './config.js';
import { type Failure, fail } from './errors.js';
import { type JsonObject, readJsonBody } from './http/body.js';
import { readVerificationCookie } from './http/cookie.js';
import { isAllowedOrigin, preflightResponse, withCors } from './http/cors.js';
import type { OtpRequest, OtpResponse } from './http/otp-request.js';
import type { Outcome } from './http/reply.js';
import { toErrorResponse, toResponse } from './http/response.js';
import { checkVerification } from './operations/check.js';
import { createContext, type RequestContext } from './operations/context.js';
import { createVerification } from './operations/create.js';
import { refuseByPolicy } from './operations/policy.js';
import { retryVerification } from './operations/retry.js';
import { describeError } from './redact.js';

type Operation = (context: RequestContext, body: JsonObject) => Promise<Outcome>;

interface Route {
  /** What events call it; a path may hold anything. */
  readonly name: string;
  readonly run: Operation;
  /** A body that is absent counts as `{}`. */
  readonly optional: boolean;
}

const ROUTES: Readonly<Record<string, Route>> = {
  '/': { name: 'create', run: createVerification, optional: false },
  '/retry': { name: 'retry', run: retryVerification, optional: true },
  '/check': { name: 'check', run: checkVerification, optional: false },
};
const JWKS_PATH = '/jwks.json';

/** For adapters: every path under the mount point that has a route. */
export const ROUTE_PATHS: readonly string[] = [...Object.keys(ROUTES), JWKS_PATH];

/** Answers one request to the mount point. Never rejects: what fails is `internal`, and an event. */
export async function handleRequest(config: OtpConfig, request: OtpRequest): Promise<OtpResponse> {
  let response: OtpResponse;
  try {
    response = withCors(config, request, await respond(config, request));
  } catch (error) {
    config.emit({ type: 'fault', during: routeName(request), error: describeError(error) });
    response = withCorsIfKnown(config, request, toErrorResponse(fail('internal')));
  }
  return request.method === 'HEAD' ? { ...response, body: null } : response;
}

/** What has failed may be the adapter's own look at the headers. */
function withCorsIfKnown(
  config: OtpConfig,
  request: OtpRequest,
  response: OtpResponse,
): OtpResponse {
  try {
    return withCors(config, request, response);
  } catch {
    return response;
  }
}

function findRoute({ path }: OtpRequest): Route | undefined {
  return Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
}

function routeName(request: OtpRequest): string {
  return findRoute(request)?.name ?? (request.path === JWKS_PATH ? 'jwks' : 'unknown');
}

async function respond(config: OtpConfig, request: OtpRequest): Promise<OtpResponse> {
  const route = findRoute(request);
  if (route === undefined && request.path !== JWKS_PATH) {
    return refuse(config, request, fail('not_found', 'There is no such route.'));
  }
  const allowed = route === undefined ? ['GET', 'HEAD'] : ['POST'];
  if (config.origins !== undefined) allowed.push('OPTIONS');
  if (!allowed.includes(request.method)) return refuseMethod(config, request, allowed.join(', '));
  if (!isAllowedOrigin(config, request)) {
    return refuse(config, request, refuseByPolicy('origin'));
  }
  if (request.method === 'OPTIONS') return preflightResponse(allowed.join(', '));
  if (route === undefined) return jwksResponse(config);

  const body = await readJsonBody(request, route);
  if (!body.ok) return refuse(config, request, body);
  const outcome = await route.run(createContext(config, request), body.value);
  return outcome.ok ? toResponse(outcome) : refuse(config, request, outcome);
}

function refuseMethod(config: OtpConfig, request: OtpRequest, allow: string): OtpResponse {
  const failure = fail('bad_request', `method: must be ${allow}`);
  const { headers, body } = refuse(config, request, failure);
  return { status: 405, headers: [...headers, ['allow', allow]], body };
}

/** The last wrong code, and every 401 to a cookie of ours, also clear the cookie. */
function refuse(config: OtpConfig, request: OtpRequest, failure: Failure): OtpResponse {
  const { code, limit, reason, attemptsLeft } = failure;
  config.emit({
    type: 'refused',
    route: routeName(request),
    code,
    ...(limit === undefined ? {} : { limit }),
    ...(reason === undefined ? {} : { reason }),
  });
  const { cookie } = config;
  const clears =
    attemptsLeft === 0 ||
    (code === 'unauthorized' &&
      readVerificationCookie(request.header('cookie'), cookie.name).present);
  return toErrorResponse(failure, { clear: clears ? cookie : undefined });
}

const JWKS_SECONDS = 300;

function jwksResponse({ jwks }: OtpConfig): OtpResponse {
  const headers = [
    ['cache-control', `public, max-age=${JWKS_SECONDS}`],
    ['content-type', 'application/jwk-set+json'],
  ] as const;
  return { status: 200, headers, body: jwks };
}
