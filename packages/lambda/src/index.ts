export type {
  AlbEvent,
  HttpApiEvent,
  LambdaEvent,
  LambdaResult,
  RestApiEvent,
} from './lib/events.js';

export { otpHandler } from './lib/handler.js';
export type { ForwardedAddress, OtpHandlerOptions } from './lib/options.js';
