import type { OtpService } from '@otp/core';
import { assertService, type OtpRequest, type RequestBody } from '@otp/core/adapter';
import { ALB, ALB_MULTI_VALUE } from './alb.js';
import {
  isAlbEvent,
  isHttpApiEvent,
  isRestApiEvent,
  type LambdaEvent,
  type LambdaResult,
} from './events.js';
import { type EventFormat, fromRight } from './format.js';
import { HTTP_API } from './http-api.js';
import { pathUnder } from './mount-path.js';
import { type HandlerConfig, type OtpHandlerOptions, resolveOptions } from './options.js';
import { REST_API } from './rest-api.js';

/**
 * The routes of a service as a Lambda function, behind a REST or an HTTP API of API Gateway, a function URL
 * or an Application Load Balancer. Nothing is kept between invocations but what the service itself keeps.
 * @throws TypeError for a service or an option that cannot be meant; rejects with one for an event of any other kind.
 */
export function otpHandler<Event extends LambdaEvent = LambdaEvent>(
  service: OtpService,
  options: OtpHandlerOptions<Event> = {},
): (event: Event) => Promise<LambdaResult> {
  assertService(service, 'What otpHandler is given first');
  const config = resolveOptions(options);
  const { session } = options;
  return async (event) => {
    const answer = async <Kind>(format: EventFormat<Kind>, of: Kind & LambdaEvent) => {
      const request = toOtpRequest(format, of, config);
      const asked = session === undefined ? {} : { session: () => session(event) };
      const response = await service.handle({ ...request, ...asked });
      // Lambda stops the process between two invocations.
      await service.drain();
      return format.toResult(response);
    };
    if (isHttpApiEvent(event)) return answer(HTTP_API, event);
    if (isAlbEvent(event)) {
      return answer(event.multiValueHeaders === undefined ? ALB : ALB_MULTI_VALUE, event);
    }
    if (isRestApiEvent(event)) return answer(REST_API, event);
    throw new TypeError(
      'otpHandler takes events of API Gateway (REST and HTTP APIs, payload 1.0 and 2.0), function URLs and Application Load Balancers.',
    );
  };
}

function toOtpRequest<Kind>(
  format: EventFormat<Kind>,
  event: Kind & LambdaEvent,
  { basePath, forwarded }: HandlerConfig,
): OtpRequest {
  const header = (name: string) => format.header(event, name);
  const own = format.clientAddress(event);
  return {
    method: format.method(event),
    // No route has an empty path.
    path: pathUnder(basePath, format.paths(event), format.stage(event)) ?? '',
    header,
    body: async () => bodyOf(event),
    clientAddress:
      forwarded === undefined
        ? own
        : (fromRight(header(forwarded.header), forwarded.trustedProxies) ?? own),
    url: () => format.url(event),
  };
}

/** Absent is empty. */
function bodyOf({ body, isBase64Encoded }: LambdaEvent): RequestBody {
  return isBase64Encoded ? Buffer.from(body ?? '', 'base64') : (body ?? '');
}
