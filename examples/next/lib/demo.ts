import { createDemo, type Demo, readSettings } from '@otp/example-shared';
import { openStore } from '@otp/example-shared/store';

declare global {
  var otpDemo: Demo | undefined;
}

/**
 * The one demo of this process. It hangs on globalThis because Next may bundle every route for itself, and each
 * bundle has module variables of its own: two would be two stores in memory.
 */
export async function openDemo(): Promise<void> {
  // start.mjs has already read the settings and written the warnings.
  const settings = readSettings(process.env, () => {});
  globalThis.otpDemo = createDemo(settings, await openStore(settings.store));
}

/** Called only for a request: `next build` loads the routes too, without an environment to read. */
export function getDemo(): Demo {
  if (globalThis.otpDemo === undefined) throw new Error('instrumentation.ts opens the demo first.');
  return globalThis.otpDemo;
}
