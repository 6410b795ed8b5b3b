export type { OtpPluginOptions } from './lib/plugin.js';
export { otpPlugin } from './lib/plugin.js';
