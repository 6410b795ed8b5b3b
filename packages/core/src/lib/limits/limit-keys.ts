import { type MailboxOf, velocityName } from '../identifier/mailbox.js';
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
  readonly mailboxOf: MailboxOf;
}

/** Each flow has its own key, so that strangers cannot use up the budget of a signed-in user. */
export function recipientKey(context: KeyContext, flow: Flow, identifier: Identifier): string {
  const name = velocityName(identifier, context.mailboxOf);
  return derive(context, 'recipient', flow, identifier.type, name);
}

/** The wrong codes in a row for a standalone recipient. */
export function recipientFailuresKey(context: KeyContext, identifier: Identifier): string {
  return `f:${recipientKey(context, 'standalone', identifier)}`;
}

/** The user of a challenge, who is one of its issuer's. */
export interface UserName {
  readonly iss: string;
  readonly sub: string;
}

/** What is counted for a user: the wrong codes of a day, and those in a row, also as a share of each recipient. */
export function userKeys(context: KeyContext, { iss, sub }: UserName) {
  const name = derive(context, 'user', iss, sub);
  return {
    failures: name,
    recipientTrials: `i:${name}`,
    consecutiveFailures: `f:${name}`,
    shareOf: (identifier: Identifier) => {
      const recipient = velocityName(identifier, context.mailboxOf);
      return derive(context, 'user-recipient', name, identifier.type, recipient);
    },
  };
}

/** @param bucket of the client address, or its /48 */
export function addressKey(context: KeyContext, flow: Flow, bucket: string): string {
  return derive(context, 'address', flow, bucket);
}

/** The share of a client network under a key; under another key it has another name. */
export function networkShare(context: KeyContext, key: string, network: string): string {
  return derive(context, 'network', key, network);
}

/** Phone numbers that differ only in these last digits have one prefix. */
const SUBSCRIBER_DIGITS = 4;

/**
 * What is counted for the prefix of a number: its creates, its tally, the messages of each client network in it, and its
 * block by the conversion guard.
 */
export function prefixKeys(context: KeyContext, number: string) {
  const name = derive(context, 'prefix', number.slice(0, -SUBSCRIBER_DIGITS));
  return { creates: `p:${name}`, tally: `n:${name}`, sample: `s:${name}`, block: `b:${name}` };
}

/** The tally of a country, and its block by the conversion guard. */
export function countryKeys(context: KeyContext, country: string) {
  const name = derive(context, 'country', country);
  return { tally: `n:${name}`, block: `b:${name}` };
}

/** The budget of the app: of both flows, or of one. */
export function appKey(context: KeyContext, flow?: Flow): string {
  return `a:${derive(context, 'app', ...(flow === undefined ? [] : [flow]))}`;
}

/** Every key that is counted for a recipient, in both flows, with those of the prefix of a number. */
export function keysOfRecipient(context: KeyContext, identifier: Identifier): string[] {
  const own = [
    recipientKey(context, 'standalone', identifier),
    recipientKey(context, 'step-up', identifier),
    recipientFailuresKey(context, identifier),
  ];
  if (identifier.type !== 'phone_number') return own;
  // Not the samples: each client network has a key of its own there.
  const { creates, tally, block } = prefixKeys(context, identifier.value);
  return [...own, creates, tally, block];
}

/** Every key that is counted for a user over all challenges. */
export function keysOfUser(context: KeyContext, user: UserName): string[] {
  const { failures, recipientTrials, consecutiveFailures } = userKeys(context, user);
  return [failures, recipientTrials, consecutiveFailures];
}

function derive({ appId, keyring }: KeyContext, purpose: string, ...parts: string[]): string {
  return deriveName(keyring.limits, [`otp/${purpose}/v1`, appId, ...parts]);
}
