import * as v from 'valibot';
import type { OtpResponse } from './otp-request.js';

type Header = readonly [name: string, value: string];

/** Undefined: any origin may call, and there is no CORS. */
type Origins = ReadonlySet<string> | undefined;

/** Whether a value is an origin, spelled as a browser sends it. */
export function isOrigin(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value;
}

const ORIGIN = v.custom<string>(
  isOrigin,
  'must be an origin like https://app.example.com: scheme, host and perhaps a port, without a slash at the end',
);

export const ORIGINS = v.array(ORIGIN, "must be an array like ['https://app.example.com']");

const ALLOWED_HEADERS = 'content-type, accept, authorization, dpop, x-sdk-user-agent';
const EXPOSED_HEADERS = 'date, retry-after';
const PREFLIGHT_SECONDS = '600';

/** Whether the `Origin` fields of a request are allowed: one listed origin, or none, as native clients send. */
export function isAllowedOrigin(origins: Origins, fields: readonly string[]): boolean {
  const [origin] = fields;
  if (origins === undefined || origin === undefined) return true;
  return fields.length === 1 && origins.has(origin);
}

/** The headers with which a page of a listed origin may read the response (Fetch standard, CORS protocol). */
export function corsHeaders(origins: Origins, fields: readonly string[]): readonly Header[] {
  if (origins === undefined) return [];
  const vary: Header = ['vary', 'Origin'];
  const [origin] = fields;
  if (origin === undefined || !isAllowedOrigin(origins, fields)) return [vary];
  return [
    vary,
    ['access-control-allow-origin', origin],
    ['access-control-allow-credentials', 'true'],
    ['access-control-expose-headers', EXPOSED_HEADERS],
  ];
}

export function preflightResponse(methods: string): OtpResponse {
  return {
    status: 204,
    headers: [
      ['cache-control', 'no-store'],
      ['allow', methods],
      ['access-control-allow-methods', methods],
      ['access-control-allow-headers', ALLOWED_HEADERS],
      ['access-control-max-age', PREFLIGHT_SECONDS],
    ],
    body: null,
  };
}
