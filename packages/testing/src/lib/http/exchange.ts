import type { OtpService } from '@otp/core';

/** A header field; the name is in lower case in a response. */
export type Header = readonly [name: string, value: string];

/** One HTTP request to a mounted service. */
export interface ExchangeRequest {
  readonly method: string;
  /** Under the mount point, such as `/check`, perhaps with a query. */
  readonly path: string;
  /** In the order in which they are sent; a name may occur twice. */
  readonly headers: readonly Header[];
  /** @default no body */
  readonly body?: string | Uint8Array | undefined;
}

/** The response as a client receives it. */
export interface ExchangeResponse {
  readonly status: number;
  /** Names in lower case; a field that was sent twice is there twice. */
  readonly headers: readonly Header[];
  /** Empty if there was none. */
  readonly body: string;
}

/** Sends a request to the mounted service. */
export type Exchange = (request: ExchangeRequest) => Promise<ExchangeResponse>;

/** Options of an adapter that some cases need. */
export interface MountOptions {
  /**
   * Returns the id of the session of the request, or null if nobody is signed in. The adapter passes it to `handle`.
   * @default not passed
   */
  readonly session?: () => string | null | undefined | Promise<string | null | undefined>;
}

/** A service that an adapter serves. */
export interface MountedAdapter {
  /** URL of the mount point, as the requests of `exchange` address it. */
  readonly url: string;
  readonly exchange: Exchange;
  /** Whether the server drops the second of two `Content-Type` fields. @default false */
  readonly dropsRepeatedFields?: boolean;
  close(): Promise<void>;
}

/** An adapter in its real framework: the harness of `adapterCases`. */
export interface AdapterUnderTest {
  /** Serves the service until `close()` is called. */
  mount(service: OtpService, options?: MountOptions): Promise<MountedAdapter>;
}

const JSON_TYPE: Header = ['content-type', 'application/json'];

/** Header fields of `post`. */
export interface PostOptions {
  /** `name=value`, as `cookieOf` returns it. */
  readonly cookie?: string | undefined;
  /** Further header fields. */
  readonly headers?: readonly Header[];
  /** `null` for none. @default 'application/json' */
  readonly contentType?: string | null;
}

/**
 * Writes a POST request.
 *
 * @param path under the mount point, such as `/check`
 * @param body a value to send as JSON, or a string or bytes to send as they are
 * @param options the cookie and other header fields
 * @returns the request, for `exchangeOver`
 */
export function post(path: string, body?: unknown, options: PostOptions = {}): ExchangeRequest {
  const { cookie, headers = [], contentType } = options;
  const type: readonly Header[] =
    contentType === null
      ? []
      : [contentType === undefined ? JSON_TYPE : ['content-type', contentType]];
  const cookies: readonly Header[] = cookie === undefined ? [] : [['cookie', cookie]];
  const isRaw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  return {
    method: 'POST',
    path,
    headers: [...type, ...cookies, ...headers],
    body: isRaw ? body : JSON.stringify(body),
  };
}

/**
 * Reads every value of a header field.
 *
 * @param response the response of `exchangeOver`, or one that a test has made
 * @param name in lower case
 * @returns the values, in the order of the response
 */
export function headerValues(response: ExchangeResponse, name: string): string[] {
  return response.headers.filter(([each]) => each === name).map(([, value]) => value);
}

/**
 * Reads the cookie that a response sets.
 *
 * @param response the response of `exchangeOver`, or one that a test has made
 * @returns `name=value`, as a client sends it back
 * @throws Error unless the response sets exactly one cookie
 */
export function cookieOf(response: ExchangeResponse): string {
  const [field = '', ...more] = headerValues(response, 'set-cookie');
  const [pair = ''] = field.split(';');
  if (more.length > 0 || !/^[^=]+=./.test(pair)) {
    throw new Error(`status ${response.status} sets ${more.length + 1} cookies: ${response.body}`);
  }
  return pair;
}

/** For the message of a failed test; bytes as Latin-1. */
export function showExchange(request: ExchangeRequest, response: ExchangeResponse): string {
  const { body } = request;
  const text = body instanceof Uint8Array ? Buffer.from(body).toString('latin1') : body;
  return JSON.stringify({ request: { ...request, body: text }, response });
}
