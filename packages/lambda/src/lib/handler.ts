import type { OtpService } from '@otp/core';
import {
  assertService,
  DEFAULT_BASE_PATH,
  defaultBasePath,
  type RequestBody,
  readForwarded,
} from '@otp/core/adapter';
import { ALB, ALB_MULTI_VALUE } from './alb.js';
import {
  isAlbEvent,
  isHttpApiEvent,
  isRestApiEvent,
  isWarmerEvent,
  type LambdaEvent,
  type LambdaResult,
  type WarmerEvent,
} from './events.js';
import type { EventFormat } from './format.js';
import { HTTP_API } from './http-api.js';
import { type OtpHandlerOptions, resolveOptions } from './options.js';
import { findPath } from './path.js';
import { REST_API } from './rest-api.js';

/** A handler of Lambda. */
export interface OtpHandler<Event> {
  /** Does nothing: the purpose of a warmer's event is to start an instance of the function. */
  (event: WarmerEvent): Promise<Record<string, never>>;
  // Last, because types that look at a handler take its last signature.
  (event: Event): Promise<LambdaResult>;
}

/**
 * Creates a Lambda handler of a service's routes, for a REST or an HTTP API of API Gateway, a function URL or an
 * Application Load Balancer.
 *
 * @param service the service from `createOtpService`, created once for each instance of the function
 * @param options see `OtpHandlerOptions`
 * @returns a handler that resolves to `{}` for the event of a warmer, and rejects with a TypeError for any other event
 * @throws TypeError that names the argument or option, and says what to write
 * @example export const handler = otpHandler(service);
 */
export function otpHandler<Event extends LambdaEvent = LambdaEvent>(
  service: OtpService,
  options: OtpHandlerOptions<Event> = {},
): OtpHandler<Event> {
  assertService(service, 'otpHandler(service)');
  const { basePath, clientAddress, session } = resolveOptions(options);
  // A gateway may remove the beginning of the path that clients see, such as a mapping key.
  const basePaths =
    basePath === undefined ? [DEFAULT_BASE_PATH, defaultBasePath(service)] : [basePath];

  async function respond<Kind>(format: EventFormat<Kind>, event: Event & Kind) {
    const header = (name: string) => format.header(event, name);
    const response = await service.handle({
      method: format.method(event),
      // No route has an empty path.
      path: findPath(basePaths, format.paths(event), format.stage(event)) ?? '',
      header,
      body: async () => bodyOf(event),
      clientAddress:
        (clientAddress && readForwarded(header, clientAddress)) ?? format.clientAddress(event),
      session: session && (() => session(event)),
      url: () => format.url(event),
    });
    // Lambda stops the process between two invocations.
    await service.drain();
    return format.toResult(response);
  }

  function handler(event: WarmerEvent): Promise<Record<string, never>>;
  function handler(event: Event): Promise<LambdaResult>;
  async function handler(event: Event | WarmerEvent) {
    if (isWarmerEvent(event)) return {};
    if (isHttpApiEvent(event)) return respond(HTTP_API, event);
    if (isAlbEvent(event)) {
      return respond(event.multiValueHeaders === undefined ? ALB : ALB_MULTI_VALUE, event);
    }
    if (isRestApiEvent(event)) return respond(REST_API, event);
    throw new TypeError(
      'otpHandler takes events of API Gateway (REST and HTTP APIs, payload 1.0 and 2.0), function URLs and Application Load Balancers.',
    );
  }
  return handler;
}

/** An absent body is empty. A middleware that parses the body leaves `isBase64Encoded` as it was. */
function bodyOf({ body, isBase64Encoded }: LambdaEvent): RequestBody {
  if (body === undefined || body === null) return '';
  if (typeof body !== 'string') return { parsed: body };
  return isBase64Encoded ? Buffer.from(body, 'base64') : body;
}
