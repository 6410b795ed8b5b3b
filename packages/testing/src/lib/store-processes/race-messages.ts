import type { OtpServiceOptions } from '@otp/core';
import type { ExchangeRequest } from '../http/exchange.js';

/** The app and the issuer of every process. */
export const RACE = { appId: 'race', issuer: 'https://otp.example' } as const;

/** The first message to a process of a race. */
export interface RaceSetUp {
  /** File URL of a module that exports `createStore(url)`. */
  readonly storeModule: string;
  readonly url: string;
  readonly storeTimeoutMs: number;
  /** The same for all processes, so that they are one service. */
  readonly keys: Pick<OtpServiceOptions, 'keyring' | 'signingKeys'>;
}

/** Requests that a process starts at once. */
export interface RaceOrder {
  readonly requests: readonly ExchangeRequest[];
  readonly startAtMs: number;
}

/** The outcome of a request, with cookie and code if it was a successful create. */
export interface RaceResult {
  readonly answer: string;
  readonly cookie?: string;
  readonly code?: string;
}

export type RaceReply =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly results: readonly RaceResult[] }
  | { readonly type: 'failed'; readonly error: string };

/** A message to a process. */
export type RaceMessage = RaceSetUp | RaceOrder;
