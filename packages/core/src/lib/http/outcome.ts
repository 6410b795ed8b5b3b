import type { Failure } from '../errors.js';

/** What an operation returns when it succeeds, before it becomes an HTTP response. */
interface Success {
  readonly ok: true;
  readonly status: 200 | 204;
  /** JSON. */
  readonly body?: string;
  /** The verification that was created: its token, for the cookie, and its life in seconds. */
  readonly opened?: { readonly token: string; readonly ttlSeconds: number };
  /** The verification has succeeded, so its cookie is of no more use. */
  readonly isOver?: true;
}

export type Outcome = Success | Failure;
