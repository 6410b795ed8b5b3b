export type { ClientAddressOptions } from '@otp/core/adapter';
export type {
  AlbEvent,
  HttpApiEvent,
  LambdaEvent,
  LambdaResult,
  RestApiEvent,
  WarmerEvent,
} from './lib/events.js';
export type { OtpHandler } from './lib/handler.js';
export { otpHandler } from './lib/handler.js';
export type { OtpHandlerOptions } from './lib/options.js';
