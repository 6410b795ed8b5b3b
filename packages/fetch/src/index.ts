export type { ClientAddressOptions } from '@otp/core/adapter';
export type {
  HandlerParts,
  Mount,
  OtpFetchHandler,
  OtpServiceSource,
  RequestLocation,
} from './lib/handler.js';
export { createHandler, otpFetch } from './lib/handler.js';
export type { OtpFetchOptions } from './lib/options.js';
