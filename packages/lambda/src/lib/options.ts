import {
  basePathOption,
  type ClientAddressOptions,
  clientAddressOption,
  optionsOf,
  parseOptions,
  type SessionOptions,
  sessionOption,
} from '@otp/core/adapter';
import type { LambdaEvent } from './events.js';

/** Options of `otpHandler`. */
export interface OtpHandlerOptions<Event extends LambdaEvent = LambdaEvent>
  extends SessionOptions<Event> {
  /**
   * Path of the mount point in events, with or without the stage of an API. A request to any other path is 404.
   * @default `/v1/session/otp`, and the path of `publicUrl` of the service
   */
  readonly basePath?: string;
  /**
   * Where to read the client address behind proxies of yours. API Gateway, a function URL and a load balancer are proxies
   * too: each adds an address to `x-forwarded-for`.
   * @default the address that has connected to what invokes the function
   */
  readonly clientAddress?: ClientAddressOptions;
}

/**
 * Validates the options of `otpHandler` and fills in their defaults.
 *
 * @param options what the host has written
 * @returns the resolved options
 * @throws TypeError that names the option and says what to write
 */
export function resolveOptions<Event extends LambdaEvent>(options: OtpHandlerOptions<Event>) {
  const schema = optionsOf<OtpHandlerOptions<Event>>()({
    basePath: basePathOption,
    clientAddress: clientAddressOption,
    session: sessionOption<Event>(),
  });
  return parseOptions(schema, options, 'otpHandler()');
}
