export type { ClientAddressOptions } from '@otp/core/adapter';
export type { RouteContext } from './lib/location.js';
export type { OtpRouteHandler, OtpRoutes, OtpRoutesOptions } from './lib/routes.js';
export { otpRoutes } from './lib/routes.js';
