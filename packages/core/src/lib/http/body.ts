import { type Failure, fail } from '../errors.js';
import { decodeUtf8, parseJson } from '../util/json.js';
import { isJsonContentType } from './media-type.js';
import type { OtpRequest, RequestBody } from './otp-request.js';

export const MAX_BODY_BYTES = 8192;
const MAX_MEMBERS = 16;
const MAX_DEPTH = 32;
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

export type JsonObject = Readonly<Record<string, unknown>>;
export type BodyResult = { readonly ok: true; readonly value: JsonObject } | Failure<'bad_request'>;

/**
 * Reads the JSON object that a request carries, headers first, so that one that they condemn is refused
 * unread. `optional`: an absent body counts as `{}`.
 */
export async function readJsonBody(
  request: OtpRequest,
  { optional }: { optional: boolean },
): Promise<BodyResult> {
  const refused = checkBodyHeaders(request);
  if (refused !== undefined) return refused;
  const body =
    typeof request.body === 'function' ? await request.body(MAX_BODY_BYTES) : request.body;
  return parseJsonBody(body, { optional });
}

function checkBodyHeaders({ header }: OtpRequest): Failure<'bad_request'> | undefined {
  if (!isJsonContentType(header('content-type'))) {
    return fail('bad_request', 'content-type: must be application/json in UTF-8');
  }
  if (header('content-encoding').some((value) => value.trim().toLowerCase() !== 'identity')) {
    return fail('bad_request', 'content-encoding: must be identity');
  }
  return Number(header('content-length')[0] ?? 0) > MAX_BODY_BYTES ? TOO_LARGE : undefined;
}

/** Text, bytes or a parsed value to an object that follows the contract's rules about members. */
export function parseJsonBody(body: RequestBody, { optional }: { optional: boolean }): BodyResult {
  if (typeof body === 'object' && 'refused' in body) {
    return body.refused === 'too_large' ? TOO_LARGE : fail('bad_request', 'body: is incomplete');
  }
  if (typeof body === 'object' && 'parsed' in body) {
    if (optional && (body.parsed === undefined || body.parsed === null)) return EMPTY;
    return checkMembers(body.parsed);
  }
  if (Buffer.byteLength(body) > MAX_BODY_BYTES) return TOO_LARGE;
  const text = typeof body === 'string' ? body : decodeUtf8(body);
  if (text === undefined) return NOT_JSON;
  if (optional && text === '') return EMPTY;
  const value = parseJson(text);
  const checked = checkMembers(value);
  if (checked.ok && hasDuplicates(text, checked.value)) {
    return fail('bad_request', 'body: has a member twice');
  }
  return checked;
}

const EMPTY: BodyResult = { ok: true, value: {} };
const NOT_JSON = fail('bad_request', 'body: must be one JSON object in UTF-8');
const TOO_LARGE = fail('bad_request', `body: must be at most ${MAX_BODY_BYTES} bytes`);

function checkMembers(value: unknown): BodyResult {
  if (!isObject(value)) return NOT_JSON;
  if (Object.keys(value).length > MAX_MEMBERS) {
    return fail('bad_request', `body: must have at most ${MAX_MEMBERS} members`);
  }
  const fault = findFault(value, 1);
  return fault === undefined ? { ok: true, value } : fail('bad_request', fault);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** NUL and lone surrogates have no honest use, and what a text means must not depend on who decodes it. */
function isBadText(text: string): boolean {
  return !text.isWellFormed() || text.includes('\0');
}

function findFault(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') {
    return isBadText(value) ? 'body: has a NUL or a lone surrogate in a value' : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > MAX_DEPTH) return `body: must be nested at most ${MAX_DEPTH} deep`;
  for (const key of Object.keys(value)) {
    if (FORBIDDEN.has(key)) return 'body: has a member with a forbidden name';
    if (isBadText(key)) return 'body: has a NUL or a lone surrogate in a name';
    const fault = findFault((value as JsonObject)[key], depth + 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/g;

/**
 * JSON.parse keeps the last of two members with one name, other parsers the first (RFC 8259, 4). In valid
 * JSON there is a colon for each member as written, outside of strings, and a key for each one kept.
 */
function hasDuplicates(text: string, value: JsonObject): boolean {
  const members = countMembers(value);
  // Most bodies have no colon inside a string, and then there is nothing to take out.
  return countColons(text) > members && countColons(text.replace(STRING, '')) > members;
}

function countColons(text: string): number {
  let count = 0;
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) count += 1;
  return count;
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const members = Object.values(value);
  let count = Array.isArray(value) ? 0 : members.length;
  for (const member of members) count += countMembers(member);
  return count;
}
