import type { Failure } from '../errors.js';

/** What an operation answers when it succeeds, before it is put into HTTP. */
export interface Reply {
  readonly ok: true;
  readonly status: 200 | 204;
  readonly body?: string;
  readonly setCookie?: string;
}

export type Outcome = Reply | Failure;
