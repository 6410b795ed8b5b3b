import * as v from 'valibot';
import type { DeliveryPlan } from '../delivery/delivery-plan.js';
import {
  type NormalizedIdentifier,
  type NormalizeResult,
  normalizeIdentifier,
} from '../identifier/identifier.js';
import { type Identifier, recipientType } from '../ports.js';
import { oneOf, optionsOf, parseOptions, text } from '../util/schema.js';

/** A recipient whose code is known beforehand, for reviewers of app stores and for tests. */
export interface FixedCodeOptions {
  /**
   * An e-mail address or a phone number in E.164 form. A number that no mobile can have, such as one that is reserved for
   * fiction, is allowed, and no message is ever sent to it.
   */
  readonly identifier: Identifier;
  /** As many digits as the codes of its channel. */
  readonly code: string;
  /** At most 90 days after the service is created. After that the recipient is like any other. */
  readonly expiresAt: Date;
}

interface FixedCode {
  readonly code: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** Not a mobile number in use, for example one that is reserved for fiction: no message is ever sent to it. */
  readonly isReserved: boolean;
}

/** By the canonical phone number or e-mail address. An address contains an @, and a number does not. */
export type FixedCodes = ReadonlyMap<string, FixedCode>;

const MAX_DAYS = 90;
const DAY_MS = 86_400_000;
const E164 = /^\+[1-9][0-9]{6,14}$/;

function fixedCodesSchema(now: () => number) {
  const isExpiry = (value: unknown) =>
    value instanceof Date && value.getTime() <= now() + MAX_DAYS * DAY_MS;
  return v.optional(
    v.array(
      optionsOf<FixedCodeOptions>()({
        identifier: optionsOf<Identifier>()({
          type: oneOf(['phone_number', 'email_address']),
          value: text(),
        }),
        code: v.string('must be a string of digits'),
        // An expiry in the past is accepted: a service must be able to restart after that day.
        expiresAt: v.custom<Date>(isExpiry, `must be a Date at most ${MAX_DAYS} days from now`),
      }),
      'must be an array of { identifier, code, expiresAt }',
    ),
    [],
  );
}

interface FixedCodesContext {
  readonly plans: readonly DeliveryPlan[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Resolves the option `fixedCodes`. */
export function resolveFixedCodes(options: unknown, { plans, now }: FixedCodesContext): FixedCodes {
  const fixedCodes = new Map<string, FixedCode>();
  parseOptions(fixedCodesSchema(now), options, 'fixedCodes').forEach((each, index) => {
    const name = `fixedCodes[${index}]`;
    const { value, isReserved } = toRecipient(each.identifier, `${name}.identifier.value`);
    if (fixedCodes.has(value)) throw new TypeError(`${name}.identifier already has a fixed code.`);
    const lengths = lengthsFor(each.identifier, plans);
    if (lengths.size === 0) {
      throw new TypeError(`${name}.identifier must be one that a channel in channels reaches.`);
    }
    assertCode(each.code, `${name}.code`, lengths);
    fixedCodes.set(value, { code: each.code, expiresAt: each.expiresAt.getTime(), isReserved });
  });
  return fixedCodes;
}

function toRecipient(
  identifier: Identifier,
  name: string,
): { readonly value: string; readonly isReserved: boolean } {
  const normalized = normalizeIdentifier(identifier);
  if (normalized.ok) return { value: normalized.identifier.value, isReserved: false };
  const { type, value } = identifier;
  if (type === 'phone_number' && E164.test(value)) return { value, isReserved: true };
  throw new TypeError(`${name} must be a phone number in E.164 form or an e-mail address.`);
}

function lengthsFor({ type }: Identifier, plans: readonly DeliveryPlan[]): ReadonlySet<number> {
  const reaching = plans.filter(({ channel }) => recipientType(channel) === type);
  return new Set(reaching.map(({ codeLength }) => codeLength));
}

function assertCode(code: string, name: string, lengths: ReadonlySet<number>): void {
  if (/^[0-9]+$/.test(code) && lengths.has(code.length)) return;
  const digits = [...lengths].join(' or ');
  throw new TypeError(
    `${name} must be a string of ${digits} digits, like the codes of its channel.`,
  );
}

/**
 * Normalizes a recipient of the standalone flow. Numbers that are reserved for fiction pass as they are while they have
 * a fixed code.
 */
export function normalizeRecipient(
  identifier: Identifier,
  fixedCodes: FixedCodes,
  now: number,
): NormalizeResult {
  const normalized = normalizeIdentifier(identifier);
  const { type, value } = identifier;
  // The type as well: the number must not pass as an e-mail address.
  const fixed = type === 'phone_number' ? fixedCodes.get(value) : undefined;
  return !normalized.ok && fixed?.isReserved && now < fixed.expiresAt
    ? { ok: true, identifier: { type, value } }
    : normalized;
}

/** Whether a recipient is a phone number that only its fixed code makes acceptable. */
export function isReservedNumber(fixedCodes: FixedCodes, { value }: Identifier): boolean {
  return fixedCodes.get(value)?.isReserved === true;
}

interface FixedCodeQuery {
  readonly identifier: NormalizedIdentifier;
  readonly plan: DeliveryPlan;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Finds the code that a standalone verification uses instead of a random one. */
export function findFixedCode(
  fixedCodes: FixedCodes,
  { identifier, plan, now }: FixedCodeQuery,
): string | undefined {
  const fixed = fixedCodes.get(identifier.value);
  return fixed !== undefined && now < fixed.expiresAt && fixed.code.length === plan.codeLength
    ? fixed.code
    : undefined;
}
