import { deriveName } from '../keys/derive.js';
import type { KeyContext, UserName } from '../limits/limit-keys.js';
import type { Identifier } from '../ports.js';

/*
 * References name recipients and users in events. They are HMACs under a purpose of their own: who reads the events can
 * neither guess a recipient nor find its counters in a store.
 */

/** 96 bits as base64url. */
const LENGTH = 16;

export function recipientReference(context: KeyContext, { type, value }: Identifier): string {
  return derive(context, 'recipient', type, value);
}

export function userReference(context: KeyContext, { iss, sub }: UserName): string {
  return derive(context, 'user', iss, sub);
}

function derive({ appId, keyring }: KeyContext, subject: string, ...parts: string[]): string {
  const name = deriveName(keyring.limits, [`otp/event-${subject}/v1`, appId, ...parts]);
  return name.slice(0, LENGTH);
}
