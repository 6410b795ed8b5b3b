import { createDemo, type Demo, readSettings } from '@otp/example-shared';

declare global {
  var otpDemo: Demo | undefined;
}

/**
 * The one demo of this process, made when it is first asked for: `next build` loads these modules too, where
 * there is no environment to read. It hangs on globalThis because Next may bundle every route for itself,
 * and each bundle has module variables of its own: two would be two stores.
 */
export function getDemo(): Demo {
  // start.mjs has read the settings before, and warned.
  globalThis.otpDemo ??= createDemo(readSettings(process.env, () => {}));
  return globalThis.otpDemo;
}
