import type { Identifier } from '../ports.js';
import { ignoreRejection } from '../util/ignore-rejection.js';

/** Returns the same string for all addresses of one mailbox. */
export type MailboxOf = (address: string) => string;

/**
 * The default of the option `mailboxOf`. Addresses that differ only by a `+tag` are of one mailbox, and so are Gmail
 * addresses that differ by dots or by the older name of its domain (https://support.google.com/mail/answer/7436150).
 */
export function defaultMailboxOf(address: string): string {
  const name = address.replace(/\+[^@]*@/, '@');
  if (!name.endsWith('@gmail.com') && !name.endsWith('@googlemail.com')) return name;
  return `${name.slice(0, name.indexOf('@')).replaceAll('.', '')}@gmail.com`;
}

/**
 * The name under which limits count a recipient: a phone number itself, or the mailbox of an e-mail address.
 *
 * @throws TypeError if `mailboxOf` returns anything but a string that is not empty; what `mailboxOf` throws
 */
export function velocityName({ type, value }: Identifier, mailboxOf: MailboxOf): string {
  if (type === 'phone_number') return value;
  const mailbox: unknown = mailboxOf(value);
  if (typeof mailbox === 'string' && mailbox !== '') return mailbox;
  ignoreRejection(mailbox);
  throw new TypeError('mailboxOf must return a string that is not empty.');
}
