export type { OtpRouterOptions } from './lib/router.js';
export { otpRouter } from './lib/router.js';
