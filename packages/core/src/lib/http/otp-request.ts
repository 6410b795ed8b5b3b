/** A request as plain data. An adapter makes one from the request of its framework. */
export interface OtpRequest {
  readonly method: string;
  /** Path under the mount point, without query: `/`, `/retry`, `/check`, `/status`, `/jwks.json`. */
  readonly path: string;
  /** Every value of a header field, in order, unjoined; the name is given in lower case. */
  readonly header: (name: string) => readonly string[];
  /** The body, or a function that reads it, so that a request can be refused by its headers alone. */
  readonly body: RequestBody | ((maxBytes: number) => Promise<RequestBody>);
  /** The IP address of the client. All requests without one share the limits of one client. */
  readonly clientAddress?: string | undefined;
  /** Returns the id of the session of the request. Absent: the `sid` of a challenge token is not compared. */
  readonly session?: (() => SessionId | Promise<SessionId>) | undefined;
  /** The URL of the request as the client wrote it; used only to compare a DPoP proof with it. */
  readonly url?: () => string | undefined;
}

/** Id of a session; null or undefined when nobody is signed in. */
export type SessionId = string | null | undefined;

/** A string or bytes as received, the value that a framework has parsed, or the reason why there is none. */
export type RequestBody =
  | string
  | Uint8Array
  | { readonly parsed: unknown }
  | { readonly refused: 'too_large' | 'incomplete' };

/** A response as plain data. Header names are in lower case, with at most one `set-cookie`. */
export interface OtpResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | null;
}
