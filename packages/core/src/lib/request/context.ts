import type { OtpConfig } from '../config.js';
import type { RequestEvents } from '../events/request-events.js';
import type { OtpRequest } from '../http/otp-request.js';
import type { UseStore } from '../ports.js';
import { withTimeLimit } from '../util/time-limit.js';

/** What an operation may read of the request beside its handle and its body. */
export interface ClientRequest
  extends Pick<OtpRequest, 'header' | 'clientAddress' | 'session' | 'url'> {}

/** A request that has come in. */
export interface IncomingRequest {
  readonly config: OtpConfig;
  readonly request: ClientRequest;
  readonly events: RequestEvents;
}

/** What an operation works with. */
export interface RequestContext extends IncomingRequest {
  readonly store: UseStore;
  /** Milliseconds since the epoch, read once. */
  readonly now: number;
}

export function createContext({ config, request, events }: IncomingRequest): RequestContext {
  return { config, request, events, store: budgetStore(config), now: config.now() };
}

/** Runs the store work of one request within one time limit; each call has what the earlier ones have left. */
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
    // With a second handler a rejection is never unhandled here; the caller still receives it.
    result.then(account, account);
    return result;
  };
}
