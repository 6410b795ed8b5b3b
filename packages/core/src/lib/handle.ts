import type { OtpConfig } from './config.js';
import { blockedByPolicy, type Failure, fail } from './errors.js';
import { type JsonObject, readJsonBody } from './http/body.js';
import { cookieFor } from './http/cookie.js';
import { corsHeaders, isAllowedOrigin, preflightResponse } from './http/cors.js';
import type { OtpRequest, OtpResponse } from './http/otp-request.js';
import type { Outcome } from './http/outcome.js';
import { toErrorResponse, toResponse } from './http/response.js';
import { checkVerification } from './operations/check.js';
import { createContext, type RequestContext } from './operations/context.js';
import { createVerification } from './operations/create.js';
import { retryVerification } from './operations/retry.js';
import { describeError } from './redact.js';

type Operation = (context: RequestContext, body: JsonObject) => Promise<Outcome>;

interface Route {
  /** The name in events: a raw path could contain anything. */
  readonly name: string;
  readonly run: Operation;
  /** A missing body counts as `{}`. */
  readonly optional: boolean;
}

const ROUTES: Readonly<Record<string, Route>> = {
  '/': { name: 'create', run: createVerification, optional: false },
  '/retry': { name: 'retry', run: retryVerification, optional: true },
  '/check': { name: 'check', run: checkVerification, optional: false },
};
const JWKS_PATH = '/jwks.json';

/** Every path under the mount point that has a route. */
export const ROUTE_PATHS: readonly string[] = [...Object.keys(ROUTES), JWKS_PATH];

/** Answers one request under the mount point. Never rejects: a fault is `internal`, and an event. */
export async function handleRequest(config: OtpConfig, request: OtpRequest): Promise<OtpResponse> {
  let origin: readonly string[] = [];
  let response: OtpResponse;
  try {
    origin = request.header('origin');
    response = await respond(config, request, origin);
  } catch (error) {
    config.emit({ type: 'fault', during: routeName(request), error: describeError(error) });
    response = toErrorResponse(fail('internal'));
  }
  const { status, headers, body } = response;
  return {
    status,
    headers: [...headers, ...corsHeaders(config.origins, origin)],
    body: request.method === 'HEAD' ? null : body,
  };
}

async function respond(
  config: OtpConfig,
  request: OtpRequest,
  origin: readonly string[],
): Promise<OtpResponse> {
  const route = findRoute(request);
  if (route === undefined && request.path !== JWKS_PATH) {
    return refuse(config, request, fail('not_found', 'There is no such route.'));
  }
  const allowed = route === undefined ? ['GET', 'HEAD'] : ['POST'];
  if (config.origins !== undefined) allowed.push('OPTIONS');
  if (!allowed.includes(request.method)) return refuseMethod(config, request, allowed.join(', '));
  if (!isAllowedOrigin(config.origins, origin)) {
    return refuse(config, request, blockedByPolicy('origin'));
  }
  if (request.method === 'OPTIONS') return preflightResponse(allowed.join(', '));
  if (route === undefined) return jwksResponse(config);

  const body = await readJsonBody(request, route);
  if (!body.ok) return refuse(config, request, body);
  const outcome = await route.run(createContext(config, request), body.value);
  if (!outcome.ok) return refuse(config, request, outcome);
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

function refuseMethod(config: OtpConfig, request: OtpRequest, allow: string): OtpResponse {
  const failure = fail('bad_request', `method: must be ${allow}`);
  const { headers, body } = refuse(config, request, failure);
  return { status: 405, headers: [...headers, ['allow', allow]], body };
}

function refuse(config: OtpConfig, request: OtpRequest, failure: Failure): OtpResponse {
  const { code, limit, reason } = failure;
  config.emit({
    type: 'refused',
    route: routeName(request),
    code,
    ...(limit === undefined ? {} : { limit }),
    ...(reason === undefined ? {} : { reason }),
  });
  return toErrorResponse(
    failure,
    cookieFor(config.cookie, failure, () => request.header('cookie')),
  );
}

const JWKS_SECONDS = 300;

function jwksResponse({ jwks }: OtpConfig): OtpResponse {
  const headers = [
    ['cache-control', `public, max-age=${JWKS_SECONDS}`],
    ['content-type', 'application/jwk-set+json'],
  ] as const;
  return { status: 200, headers, body: jwks };
}
