import { type Failure, fail, type Result } from '../errors.js';
import { decodeUtf8, hasDuplicates, parseJson } from '../util/json.js';
import { isJsonContentType } from './media-type.js';
import type { OtpRequest, RequestBody } from './otp-request.js';

export const MAX_BODY_BYTES = 8192;
const MAX_MEMBERS = 16;
const MAX_DEPTH = 32;
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** A body. Its members are not validated yet. */
export type JsonObject = Readonly<Record<string, unknown>>;
/** `value` is the body; a failure has a message that names the rule. */
export type BodyResult = Result<{ value: JsonObject }, 'bad_request'>;

interface BodyRules {
  /** A missing body counts as `{}`. */
  readonly optional: boolean;
  /** A missing body needs no content type. */
  readonly mayOmitType?: boolean;
}

/**
 * Reads the body of a request as a JSON object. The headers are checked first, so that a body of another type, encoding
 * or size is refused unread.
 */
export async function readJsonBody(
  request: OtpRequest,
  { optional, mayOmitType = false }: BodyRules,
): Promise<BodyResult> {
  const types = request.header('content-type');
  const isTyped = isJsonContentType(types);
  const refused =
    isTyped || (mayOmitType && types.length === 0) ? checkBodyHeaders(request) : NO_JSON_TYPE;
  if (refused !== undefined) return refused;
  const body =
    typeof request.body === 'function' ? await request.body(MAX_BODY_BYTES) : request.body;
  return isTyped || isMissing(body) ? parseJsonBody(body, { optional }) : NO_JSON_TYPE;
}

/** A framework that has found no body may have left an empty object. */
function isMissing(body: RequestBody): boolean {
  if (typeof body === 'string' || body instanceof Uint8Array) return body.length === 0;
  if ('refused' in body) return false;
  return Object.keys(body.parsed ?? {}).length === 0;
}

const NO_JSON_TYPE = fail('bad_request', 'content-type: must be application/json in UTF-8');

function checkBodyHeaders({ header }: OtpRequest): Failure<'bad_request'> | undefined {
  if (header('content-encoding').some((value) => value.trim().toLowerCase() !== 'identity')) {
    return fail('bad_request', 'content-encoding: must be identity');
  }
  return Number(header('content-length')[0] ?? 0) > MAX_BODY_BYTES ? TOO_LARGE : undefined;
}

/**
 * Parses a body and checks the contract's rules about members: at most 16, none twice, no name that reaches a prototype,
 * at most 32 levels, no NUL and no lone surrogate.
 *
 * @param body a string, bytes, a value that a framework has parsed, or the reason why there is none
 * @param options `optional`: a missing body counts as `{}`
 * @returns the object, or `bad_request` with a message that names the rule
 */
export function parseJsonBody(body: RequestBody, { optional }: { optional: boolean }): BodyResult {
  if (typeof body === 'object' && 'refused' in body) {
    return body.refused === 'too_large' ? TOO_LARGE : fail('bad_request', 'body: is incomplete');
  }
  if (typeof body === 'object' && 'parsed' in body) {
    if (optional && (body.parsed === undefined || body.parsed === null)) return EMPTY_BODY;
    return checkMembers(body.parsed);
  }
  if (Buffer.byteLength(body) > MAX_BODY_BYTES) return TOO_LARGE;
  const text = typeof body === 'string' ? body : decodeUtf8(body);
  if (text === undefined) return NOT_JSON;
  if (optional && text === '') return EMPTY_BODY;
  const value = parseJson(text);
  const checked = checkMembers(value);
  if (checked.ok && hasDuplicates(text, checked.value)) {
    return fail('bad_request', 'body: has a member twice');
  }
  return checked;
}

/** A missing body where the body is optional. */
export const EMPTY_BODY: BodyResult = { ok: true, value: {} };
export const NOT_JSON = fail('bad_request', 'body: must be one JSON object in UTF-8');
const TOO_LARGE = fail('bad_request', `body: must be at most ${MAX_BODY_BYTES} bytes`);

function checkMembers(value: unknown): BodyResult {
  if (!isObject(value)) return NOT_JSON;
  if (Object.keys(value).length > MAX_MEMBERS) {
    return fail('bad_request', `body: must have at most ${MAX_MEMBERS} members`);
  }
  const fault = findFault(value, 1, { left: MAX_BODY_BYTES });
  return fault === undefined ? { ok: true, value } : fail('bad_request', fault);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** NUL and lone surrogates: the meaning of a string must not depend on who decodes it. */
function isIllFormed(value: string): boolean {
  return !value.isWellFormed() || value.includes('\0');
}

/** Bytes that a value may take. One that was parsed before may be larger, or share values, which count each time. */
interface Budget {
  left: number;
}

function findFault(value: unknown, depth: number, budget: Budget): string | undefined {
  budget.left -= typeof value === 'string' ? value.length : 1;
  if (budget.left < 0) return TOO_LARGE.message;
  if (typeof value === 'string') {
    return isIllFormed(value) ? 'body: has a NUL or a lone surrogate in a value' : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > MAX_DEPTH) return `body: must be nested at most ${MAX_DEPTH} deep`;
  for (const key of Object.keys(value)) {
    if (FORBIDDEN.has(key)) return 'body: has a member with a forbidden name';
    if (isIllFormed(key)) return 'body: has a NUL or a lone surrogate in a name';
    if (!Array.isArray(value)) budget.left -= key.length;
    const fault = findFault((value as JsonObject)[key], depth + 1, budget);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
