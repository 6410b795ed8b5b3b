import type { StoreProcesses } from '@otp/testing';
import { byDepth } from './depth.js';

/**
 * Processes that race for one store, as many and as often as the depth of this run allows.
 *
 * @param storeModule a module in TypeScript that exports `createStore(url)`
 */
export function storeProcesses(storeModule: URL, url: string): StoreProcesses {
  return {
    storeModule: storeModule.href,
    url,
    rounds: byDepth({ quick: 2, full: 20 }),
    checksEach: byDepth({ quick: 25, full: 250 }),
    execArgv: ['--import', new URL('../scripts/register-typescript.mjs', import.meta.url).href],
  };
}
