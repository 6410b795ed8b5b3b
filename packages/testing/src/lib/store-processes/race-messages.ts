import type { OtpServiceOptions } from '@otp/core';

/** What a process of a race is told first. */
export interface RaceSetUp {
  /** File URL of a module that exports `createStore(url)`. */
  readonly storeModule: string;
  readonly url: string;
  readonly storeTimeoutMs: number;
  /** So that all processes are one service. */
  readonly keys: Pick<OtpServiceOptions, 'keyring' | 'signingKeys'>;
}

/** Requests that a process starts all at once. */
export type RaceOrder =
  | { readonly create: readonly string[]; readonly startAtMs: number }
  | {
      readonly check: readonly string[];
      readonly cookie: string;
      readonly startAtMs: number;
    };

/** What became of a request; cookie and code where it was a create that passed. */
export interface RaceResult {
  readonly answer: string;
  readonly cookie?: string;
  readonly code?: string;
}

export type RaceReply =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly results: readonly RaceResult[] }
  | { readonly type: 'failed'; readonly error: string };

/** Both sides are ours. */
export type RaceMessage = RaceSetUp | RaceOrder;
