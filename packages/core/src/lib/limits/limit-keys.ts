import { velocityName } from '../identifier/identifier.js';
import { deriveName } from '../keys/derive.js';
import type { Keyring } from '../keys/keyring.js';
import type { Flow, Identifier } from '../ports.js';

/*
 * The keys under which a store counts: HMACs, so that nothing about a recipient, a user or a client can be guessed from a
 * store. A letter in front separates what is counted about the same thing.
 */

export interface KeyContext {
  readonly appId: string;
  readonly keyring: Pick<Keyring, 'limits'>;
}

/** Each flow has its own key, so that strangers cannot use up the budget of a signed-in user. */
export function recipientKey(context: KeyContext, flow: Flow, identifier: Identifier): string {
  return derive(context, 'recipient', flow, identifier.type, velocityName(identifier));
}

export function consecutiveFailuresKey(
  context: KeyContext,
  flow: Flow,
  identifier: Identifier,
): string {
  return `f:${recipientKey(context, flow, identifier)}`;
}

export function userKey(context: KeyContext, issuer: string, sub: string): string {
  return derive(context, 'user', issuer, sub);
}

/** @param bucket of the client address, or its network */
export function addressKey(context: KeyContext, bucket: string): string {
  return derive(context, 'address', bucket);
}

/** Phone numbers that differ only in these last digits have one prefix. */
const SUBSCRIBER_DIGITS = 4;

/** What is counted for the prefix of a number: its creates, its tally, and its block by the conversion guard. */
export function prefixKeys(context: KeyContext, number: string) {
  const name = derive(context, 'prefix', number.slice(0, -SUBSCRIBER_DIGITS));
  return { creates: `p:${name}`, tally: `n:${name}`, block: `b:${name}` };
}

/** The tally of a country, and its block by the conversion guard. */
export function countryKeys(context: KeyContext, country: string) {
  const name = derive(context, 'country', country);
  return { tally: `n:${name}`, block: `b:${name}` };
}

export function appKey(context: KeyContext): string {
  return `a:${derive(context, 'app')}`;
}

/** Every key that is counted for a recipient, in both flows, with those of the prefix of a number. */
export function keysOfRecipient(context: KeyContext, identifier: Identifier): string[] {
  const own = (['standalone', 'step-up'] as const).flatMap((flow) => [
    recipientKey(context, flow, identifier),
    consecutiveFailuresKey(context, flow, identifier),
  ]);
  return identifier.type === 'phone_number'
    ? [...own, ...Object.values(prefixKeys(context, identifier.value))]
    : own;
}

function derive({ appId, keyring }: KeyContext, purpose: string, ...parts: string[]): string {
  return deriveName(keyring.limits, [`otp/${purpose}/v1`, appId, ...parts]);
}
