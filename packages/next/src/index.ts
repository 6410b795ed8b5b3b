export type { ClientAddressOptions } from './lib/client-address.js';
export type { OtpRouteHandler, OtpRoutes, OtpRoutesOptions } from './lib/routes.js';
export { otpRoutes } from './lib/routes.js';
