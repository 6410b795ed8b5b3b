import type { OtpService } from '@otp/core';
import { assertService, type RequestBody, readForwarded } from '@otp/core/adapter';
import { ALB, ALB_MULTI_VALUE } from './alb.js';
import {
  isAlbEvent,
  isHttpApiEvent,
  isRestApiEvent,
  type LambdaEvent,
  type LambdaResult,
} from './events.js';
import type { EventFormat } from './format.js';
import { HTTP_API } from './http-api.js';
import { type OtpHandlerOptions, resolveOptions } from './options.js';
import { findPath } from './path.js';
import { REST_API } from './rest-api.js';

/**
 * Creates a Lambda handler of a service's routes, for a REST or an HTTP API of API Gateway, a function URL or an
 * Application Load Balancer.
 *
 * @param service the service from `createOtpService`, created once for each instance of the function
 * @param options see `OtpHandlerOptions`
 * @returns a handler that rejects with a TypeError for any other kind of event
 * @throws TypeError that names the argument or option, and says what to write
 * @example export const handler = otpHandler(service);
 */
export function otpHandler<Event extends LambdaEvent = LambdaEvent>(
  service: OtpService,
  options: OtpHandlerOptions<Event> = {},
): (event: Event) => Promise<LambdaResult> {
  assertService(service, 'otpHandler(service)');
  const { basePath, clientAddress, session } = resolveOptions(options);
  return async (event) => {
    const respond = async <Kind>(format: EventFormat<Kind>, kind: Kind) => {
      const header = (name: string) => format.header(kind, name);
      const response = await service.handle({
        method: format.method(kind),
        // No route has an empty path.
        path: findPath(basePath, format.paths(kind), format.stage(kind)) ?? '',
        header,
        body: async () => bodyOf(event),
        clientAddress:
          (clientAddress && readForwarded(header, clientAddress)) ?? format.clientAddress(kind),
        session: session && (() => session(event)),
        url: () => format.url(kind),
      });
      // Lambda stops the process between two invocations.
      await service.drain();
      return format.toResult(response);
    };
    if (isHttpApiEvent(event)) return respond(HTTP_API, event);
    if (isAlbEvent(event)) {
      return respond(event.multiValueHeaders === undefined ? ALB : ALB_MULTI_VALUE, event);
    }
    if (isRestApiEvent(event)) return respond(REST_API, event);
    throw new TypeError(
      'otpHandler takes events of API Gateway (REST and HTTP APIs, payload 1.0 and 2.0), function URLs and Application Load Balancers.',
    );
  };
}

/** An absent body is empty. */
function bodyOf({ body, isBase64Encoded }: LambdaEvent): RequestBody {
  return isBase64Encoded ? Buffer.from(body ?? '', 'base64') : (body ?? '');
}
