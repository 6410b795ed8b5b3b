import type { OtpConfig } from '../config.js';
import type { OtpRequest } from '../http/otp-request.js';
import type { UseStore } from '../ports.js';
import { withTimeLimit } from '../util/time-limit.js';

/** What an operation works with. */
export interface RequestContext {
  readonly config: OtpConfig;
  readonly request: OtpRequest;
  readonly store: UseStore;
  /** Milliseconds since the epoch, read once. */
  readonly now: number;
}

export function createContext(config: OtpConfig, request: OtpRequest): RequestContext {
  return { config, request, store: budgetStore(config), now: config.now() };
}

export function budgetStore({
  store,
  storeTimeoutMs,
}: Pick<OtpConfig, 'store' | 'storeTimeoutMs'>): UseStore {
  let leftMs = storeTimeoutMs;
  return (work) => {
    const started = performance.now();
    const result = withTimeLimit('the store', Math.max(1, Math.ceil(leftMs)), () => work(store));
    const account = () => {
      leftMs -= performance.now() - started;
    };
    // Both, so that a rejection is handled here too; whoever waits for the result still gets it.
    result.then(account, account);
    return result;
  };
}
