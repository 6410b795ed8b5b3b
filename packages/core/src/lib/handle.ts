import { check, create, retry, status } from './calls.js';
import type { OtpConfig } from './config.js';
import { blockedByPolicy, type Failure, fail } from './errors.js';
import { createRequestEvents, refuser, reportFault } from './events/request-events.js';
import { readJsonBody } from './http/body.js';
import {
  corsHeaders,
  isAllowedOrigin,
  preflightResponse,
  type RequestOrigin,
  readOrigin,
} from './http/cors.js';
import { mayOmitContentType } from './http/media-type.js';
import type { OtpRequest, OtpResponse } from './http/otp-request.js';
import { NO_SNIFF, toErrorResponse, toKeySetResponse, toResponse } from './http/response.js';
import { readHandle, TOKEN_HEADER } from './http/transport.js';
import { toStatusBody } from './operations/status.js';
import type { IncomingRequest } from './request/context.js';
import { ignoreRejection } from './util/ignore-rejection.js';

interface Route {
  /** The name in events: a raw path could contain anything. */
  readonly name: string;
  readonly methods: readonly string[];
  readonly respond: (incoming: HttpRequest) => Promise<OtpResponse>;
}

interface HttpRequest extends IncomingRequest {
  readonly http: OtpRequest;
  readonly origin: RequestOrigin;
}

const ROUTES: Readonly<Record<string, Route>> = {
  '/': { name: 'create', methods: ['POST'], respond: respondToCreate },
  '/retry': { name: 'retry', methods: ['POST'], respond: respondToRetry },
  '/check': { name: 'check', methods: ['POST'], respond: respondToCheck },
  '/status': { name: 'status', methods: ['GET', 'HEAD'], respond: respondToStatus },
  '/jwks.json': { name: 'jwks', methods: ['GET', 'HEAD'], respond: respondToJwks },
};

/** Every path under the mount point that has a route. */
export const ROUTE_PATHS: readonly string[] = Object.keys(ROUTES);

/** Answers one request under the mount point. Never rejects: a fault is `internal`, and an event. */
export async function handleRequest(config: OtpConfig, http: OtpRequest): Promise<OtpResponse> {
  const events = createRequestEvents(config);
  const route = findRoute(http);
  let origin: RequestOrigin = { kind: 'absent' };
  let response: OtpResponse;
  try {
    origin = readOrigin(config.origins, http.header('origin'));
    // Reads the client address, which may be a getter that calls a function of the host.
    const request = { ...http, url: () => urlOf(config, http) };
    assertAddress(request.clientAddress);
    response = await respond({ config, events, request, http, origin }, route);
  } catch (error) {
    reportFault(events, route?.name ?? 'unknown')(error);
    response = toErrorResponse(fail('internal'));
  }
  const { status, headers, body } = response;
  return {
    status,
    headers: [...headers, NO_SNIFF, ...corsHeaders(config.origins, origin)],
    body: http.method === 'HEAD' ? null : body,
  };
}

function assertAddress(address: unknown): void {
  if (address === undefined || address === null || typeof address === 'string') return;
  ignoreRejection(address);
  throw new TypeError('clientAddress must be a string or undefined, no promise.');
}

/** One slash at the end of a path is ignored. */
function findRoute({ path }: OtpRequest): Route | undefined {
  const bare = path.replace(/(?<=[^/])\/$/, '');
  return Object.hasOwn(ROUTES, bare) ? ROUTES[bare] : undefined;
}

/** The URL of the request as clients see it. */
function urlOf({ publicUrl }: OtpConfig, { path, url }: OtpRequest): string | undefined {
  return publicUrl === undefined ? url?.() : `${publicUrl}${path}`;
}

async function respond(request: HttpRequest, route: Route | undefined): Promise<OtpResponse> {
  const { config, http, origin } = request;
  const name = route?.name ?? 'unknown';
  const toRefusal = (failure: Failure) => toErrorResponse(refuser(request.events, name)(failure));
  if (route === undefined) return toRefusal(fail('not_found', 'There is no such route.'));
  const methods = config.origins === undefined ? route.methods : [...route.methods, 'OPTIONS'];
  const allow = methods.join(', ');
  if (!methods.includes(http.method)) {
    const { headers, body } = toRefusal(fail('bad_request', `method: must be ${allow}`));
    return { status: 405, headers: [...headers, ['allow', allow]], body };
  }
  if (!isAllowedOrigin(config.origins, origin)) return toRefusal(blockedByPolicy('origin'));
  return http.method === 'OPTIONS'
    ? preflightResponse(allow, config.allowedHeaders)
    : route.respond(request);
}

async function respondToCreate(request: HttpRequest): Promise<OtpResponse> {
  const created = await create(request, await readJsonBody(request.http, { optional: false }));
  if (!created.ok) return toErrorResponse(created);
  const response = toResponse(204, null, created.cookie);
  return request.config.transport === 'cookie'
    ? response
    : { ...response, headers: [...response.headers, [TOKEN_HEADER, created.handle]] };
}

async function respondToRetry(request: HttpRequest): Promise<OtpResponse> {
  const { config, http, origin } = request;
  const handle = readHandle(config, http.header);
  const mayOmitType = mayOmitContentType({ header: http.header, handle, origin });
  const body = await readJsonBody(http, { optional: true, mayOmitType });
  const retried = await retry(request, handle, body);
  return retried.ok ? toResponse(204, null) : toErrorResponse(retried, retried.cookie);
}

async function respondToCheck(request: HttpRequest): Promise<OtpResponse> {
  const { config, http } = request;
  const handle = readHandle(config, http.header);
  const checked = await check(request, handle, await readJsonBody(http, { optional: false }));
  return checked.ok
    ? toResponse(200, { challenge_token: checked.challengeToken }, checked.cookie)
    : toErrorResponse(checked, checked.cookie);
}

async function respondToStatus(request: HttpRequest): Promise<OtpResponse> {
  const read = await status(request, readHandle(request.config, request.http.header));
  return read.ok ? toResponse(200, toStatusBody(read.status)) : toErrorResponse(read, read.cookie);
}

async function respondToJwks({ config: { jwks } }: HttpRequest): Promise<OtpResponse> {
  return toKeySetResponse(jwks);
}
