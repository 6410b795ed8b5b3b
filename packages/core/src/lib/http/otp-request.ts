/** A request as plain data. An adapter makes one from what its framework hands it. */
export interface OtpRequest {
  readonly method: string;
  /** Path under the mount point, without query: `/`, `/retry`, `/check`, `/jwks.json`. */
  readonly path: string;
  /** Every value of a header field, in order, unjoined; the name is given in lower case. */
  readonly header: (name: string) => readonly string[];
  /** The body, or how to read it: then a request that its headers condemn is refused unread. */
  readonly body: RequestBody | ((maxBytes: number) => Promise<RequestBody>);
  /** Whoever the host believes the client to be, as text; absent clients share one limit. */
  readonly clientAddress?: string | undefined;
  /** Id of the session that asks, null when nobody is signed in. Absent: the host does not say. */
  readonly session?: (() => SessionId | Promise<SessionId>) | undefined;
  /** This request's URL as the client wrote it; only asked for when a DPoP proof has to match it. */
  readonly url?: () => string | undefined;
}

type SessionId = string | null | undefined;

/** Text or bytes as they came, or what a framework has made of them, or why there is nothing. */
export type RequestBody =
  | string
  | Uint8Array
  | { readonly parsed: unknown }
  | { readonly refused: 'too_large' | 'incomplete' };

/** A response as plain data. Header names are in lower case; `set-cookie` is there once at most. */
export interface OtpResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | null;
}
