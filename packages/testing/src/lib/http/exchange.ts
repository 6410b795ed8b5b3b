import type { OtpService } from '@otp/core';

export type Header = readonly [name: string, value: string];

/** One HTTP request to a mounted service. */
export interface ExchangeRequest {
  readonly method: string;
  /** Under the mount point: `/`, `/retry`, `/check`, `/jwks.json`, perhaps with a query. */
  readonly path: string;
  /** In the order in which they are to be sent; a name may come twice. */
  readonly headers: readonly Header[];
  /** Undefined: no body at all. */
  readonly body?: string | Uint8Array | undefined;
}

/** What the client got. */
export interface ExchangeResponse {
  readonly status: number;
  /** Names in lower case; a field that came twice is there twice. */
  readonly headers: readonly Header[];
  /** Empty when there was none. */
  readonly body: string;
}

export type Exchange = (request: ExchangeRequest) => Promise<ExchangeResponse>;

export interface MountOptions {
  /** Id of the session that asks, null when nobody is signed in. Absent: the host does not say. */
  readonly session?: () => string | null | undefined | Promise<string | null | undefined>;
}

export interface MountedAdapter {
  /** The mount point as the requests of `exchange` name it, for instance in their `Host`. */
  readonly url: string;
  readonly exchange: Exchange;
  /** Of two Content-Type fields the server hands on the first alone, so that the adapter sees no second. */
  readonly dropsRepeatedFields?: boolean;
  close(): Promise<void>;
}

/** An adapter in its real framework. */
export interface AdapterUnderTest {
  mount(service: OtpService, options?: MountOptions): Promise<MountedAdapter>;
}

const JSON_TYPE: Header = ['content-type', 'application/json'];

export interface PostOptions {
  /** `name=value`, as `cookieOf` answers it. */
  readonly cookie?: string | undefined;
  readonly headers?: readonly Header[];
  /** In place of `application/json`; null for none. */
  readonly contentType?: string | null;
}

/** A POST of a value as JSON, or of a text or bytes as they are. */
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

/** Every value of a header field of a response. */
export function headerValues({ headers }: ExchangeResponse, name: string): string[] {
  return headers.filter(([each]) => each === name).map(([, value]) => value);
}

/** The `name=value` of the one cookie that a response sets, as a client sends it back. */
export function cookieOf(response: ExchangeResponse): string {
  const [field = '', ...more] = headerValues(response, 'set-cookie');
  const [pair = ''] = field.split(';');
  if (more.length > 0 || !/^[^=]+=./.test(pair)) {
    throw new Error(`status ${response.status} sets ${more.length + 1} cookies: ${response.body}`);
  }
  return pair;
}

/** For whoever reads a failure; bytes as Latin-1. */
export function showExchange(request: ExchangeRequest, response: ExchangeResponse): string {
  const { body } = request;
  const text = body instanceof Uint8Array ? Buffer.from(body).toString('latin1') : body;
  return JSON.stringify({ request: { ...request, body: text }, response });
}
