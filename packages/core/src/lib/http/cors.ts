import * as v from 'valibot';
import { isFieldName } from './field-name.js';
import type { IsAllowed } from './origins.js';
import type { OtpResponse } from './otp-request.js';

type Header = readonly [name: string, value: string];

/** Undefined: any origin may call, and there is no CORS. */
type Origins = IsAllowed | undefined;

const HEADERS = [
  'content-type',
  'accept',
  'authorization',
  'dpop',
  'x-sdk-user-agent',
  'x-device-id',
  'x-verification-token',
  'traceparent',
  'tracestate',
  'baggage',
  'sentry-trace',
];
const EXPOSED_HEADERS = 'date, retry-after, x-verification-token';
const PREFLIGHT_SECONDS = '600';

export const ALLOWED_HEADERS = v.array(
  v.custom<string>(
    // With credentials, `*` is no wildcard (Fetch standard, CORS protocol and credentials).
    (value) => isFieldName(value) && value !== '*',
    'must be the name of a header field, like x-api-version',
  ),
  "must be an array like ['x-api-version']",
);

/** The value of `Access-Control-Allow-Headers`: ours and those of the host. */
export function toAllowedHeaders(more: readonly string[]): string {
  return [...new Set([...HEADERS, ...more.map((name) => name.toLowerCase())])].join(', ');
}

/** The `Origin` of a request. Native clients send none. `foreign`: not allowed by `origins`, or several fields. */
export type RequestOrigin =
  | { readonly kind: 'absent' | 'foreign' }
  | { readonly kind: 'allowed'; readonly value: string };

/**
 * Reads the `Origin` fields of a request.
 *
 * @throws what the function of the host throws
 */
export function readOrigin(origins: Origins, fields: readonly string[]): RequestOrigin {
  const [value] = fields;
  if (value === undefined) return { kind: 'absent' };
  const isAllowed = fields.length === 1 && origins?.(value) === true;
  return isAllowed ? { kind: 'allowed', value } : { kind: 'foreign' };
}

export function isAllowedOrigin(origins: Origins, { kind }: RequestOrigin): boolean {
  return origins === undefined || kind !== 'foreign';
}

/** The headers with which a page of an allowed origin may read the response (Fetch standard, CORS protocol). */
export function corsHeaders(origins: Origins, origin: RequestOrigin): readonly Header[] {
  if (origins === undefined) return [];
  const vary: Header = ['vary', 'Origin'];
  if (origin.kind !== 'allowed') return [vary];
  return [
    vary,
    ['access-control-allow-origin', origin.value],
    ['access-control-allow-credentials', 'true'],
    ['access-control-expose-headers', EXPOSED_HEADERS],
  ];
}

export function preflightResponse(methods: string, allowedHeaders: string): OtpResponse {
  return {
    status: 204,
    headers: [
      ['cache-control', 'no-store'],
      ['allow', methods],
      ['access-control-allow-methods', methods],
      ['access-control-allow-headers', allowedHeaders],
      ['access-control-max-age', PREFLIGHT_SECONDS],
    ],
    body: null,
  };
}
