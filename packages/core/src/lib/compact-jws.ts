import { type KeyObject, sign } from 'node:crypto';
import { decodeUtf8, parseJson } from './utf8.js';

/** A JWS in compact form (RFC 7515, 7.1), taken apart; nothing of it is verified yet. */
export interface CompactJws {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: unknown;
  /** What the signature is over. */
  readonly signed: Buffer;
  readonly signature: Buffer;
}

/** Undefined for what is no such form, or has a header that is no JSON object. */
export function parseCompactJws(text: string): CompactJws | undefined {
  const segments = text.split('.');
  const [header, payload, signature] = segments;
  if (!header || !payload || !signature || segments.length > 3) return undefined;
  if (!segments.every((segment) => SEGMENT.test(segment))) return undefined;
  const parsed = decodeJson(header);
  if (!isObject(parsed)) return undefined;
  return {
    header: parsed,
    payload: decodeJson(payload),
    signed: Buffer.from(text.slice(0, -signature.length - 1), 'latin1'),
    signature: Buffer.from(signature, 'base64url'),
  };
}

/** One signature has several spellings in lax base64url; only the canonical one is taken (RFC 4648, 3.5). */
const SEGMENT =
  /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$/;

function decodeJson(segment: string): unknown {
  return parseJson(decodeUtf8(Buffer.from(segment, 'base64url')));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Signs by an Ed25519 key (RFC 8037, 3.1); the header has to say so. */
export function signCompactJws(header: object, payload: object, key: KeyObject): string {
  const text = [header, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${text}.${sign(null, Buffer.from(text, 'latin1'), key).toString('base64url')}`;
}
