import { ensureChromium } from './ensure-chromium.mjs';

/** Vitest's global set-up for the browser tests, which read CHROMIUM_PATH. */
export function setup() {
  process.env.CHROMIUM_PATH = ensureChromium();
}
