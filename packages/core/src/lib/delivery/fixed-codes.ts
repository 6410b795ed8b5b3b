import type { DeliveryConfig } from '../config.js';
import { normalizeIdentifier } from '../identifier/identifier.js';
import type { FixedCodeOptions } from '../options.js';
import type { Flow, Identifier } from '../ports.js';
import { assertObject, assertOneOf, assertText } from '../util/assert-option.js';
import { assertKnownOptions, FIXED_CODE_OPTIONS } from '../util/known-options.js';

interface FixedCode {
  readonly code: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** By the canonical number or address; the one has no @, the other always does. */
export type FixedCodes = ReadonlyMap<string, FixedCode>;

const MAX_DAYS = 90;
const DAY_MS = 86_400_000;

export interface FixedCodesContext {
  /** Every way in which a code can go out. */
  readonly routes: readonly DeliveryConfig[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** @throws TypeError that says what to write. */
export function resolveFixedCodes(
  options: readonly FixedCodeOptions[] | undefined,
  context: FixedCodesContext,
): FixedCodes {
  const resolved = new Map<string, FixedCode>();
  if (options === undefined) return resolved;
  if (!Array.isArray(options)) {
    throw new TypeError('fixedCodes must be a list of { identifier, code, expiresAt }.');
  }
  options.forEach((each: FixedCodeOptions, index) => {
    const field = `fixedCodes[${index}]`;
    assertObject(each, field);
    assertKnownOptions(each, FIXED_CODE_OPTIONS, field);
    const { type, value } = toCanonical(each.identifier, `${field}.identifier`);
    if (resolved.has(value)) throw new TypeError(`${field} is for an identifier that has a code.`);
    const code = toCode(each.code, `${field}.code`, lengthsOf(type, context));
    const expiresAt = toExpiry(each.expiresAt, `${field}.expiresAt`, context.now());
    resolved.set(value, { code, expiresAt });
  });
  return resolved;
}

function toCanonical(identifier: Identifier, field: string): Identifier {
  assertObject(identifier, field);
  assertOneOf(identifier.type, ['phone_number', 'email_address'], `${field}.type`);
  assertText(identifier.value, `${field}.value`);
  const normalized = normalizeIdentifier(identifier);
  if (normalized.ok) return normalized.identifier;
  throw new TypeError(`${field}.value must be a mobile number in E.164 form or an e-mail address.`);
}

function lengthsOf(type: Identifier['type'], { routes }: FixedCodesContext): Set<number> {
  const suiting = routes.filter(
    ({ channel }) => (channel === 'email') === (type === 'email_address'),
  );
  return new Set(suiting.map(({ codeLength }) => codeLength));
}

function toCode(code: unknown, field: string, lengths: ReadonlySet<number>): string {
  if (lengths.size === 0) throw new TypeError(`${field}: no channel reaches its identifier.`);
  if (typeof code === 'string' && /^[0-9]+$/.test(code) && lengths.has(code.length)) return code;
  const digits = [...lengths].join(' or ');
  throw new TypeError(`${field} must be a text of ${digits} digits, as its channel sends them.`);
}

/** One that is over is none: a service that starts again after that day must start. */
function toExpiry(expiresAt: unknown, field: string, now: number): number {
  const at = expiresAt instanceof Date ? expiresAt.getTime() : Number.NaN;
  if (at <= now + MAX_DAYS * DAY_MS) return at;
  throw new TypeError(`${field} must be a Date at most ${MAX_DAYS} days from now.`);
}

/** The code that a create uses in place of a random one. Never for a step-up, which guards something. */
export function findFixedCode(
  { fixedCodes }: { readonly fixedCodes: FixedCodes },
  { flow, identifier, codeLength }: FixedCodeQuery,
  now: number,
): string | undefined {
  if (fixedCodes.size === 0 || flow === 'step-up') return undefined;
  const fixed = fixedCodes.get(identifier.value);
  return fixed !== undefined && now < fixed.expiresAt && fixed.code.length === codeLength
    ? fixed.code
    : undefined;
}

interface FixedCodeQuery {
  readonly flow: Flow;
  readonly identifier: Identifier;
  readonly codeLength: number;
}
