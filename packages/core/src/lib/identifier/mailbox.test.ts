import { describe, expect, it } from 'vitest';
import { defaultMailboxOf, type MailboxOf, velocityName } from './mailbox.js';

describe('defaultMailboxOf', () => {
  it('gives 99 addresses that differ by a tag one name [I05]', () => {
    const addresses = Array.from({ length: 99 }, (_, index) => `u+${index + 1}@x.com`);
    expect(new Set(addresses.map(defaultMailboxOf))).toEqual(new Set(['u@x.com']));
  });

  it.each([
    ['a+b+c@x.com', 'a@x.com'],
    ['a@x.com', 'a@x.com'],
    ['a+@x.com', 'a@x.com'],
    ['+a@x.com', '@x.com'],
    ['ada.lovelace@gmail.com', 'adalovelace@gmail.com'],
    ['a.d.a+otp@googlemail.com', 'ada@gmail.com'],
    ['a.da@mail.google.com', 'a.da@mail.google.com'],
    ['a.da@notgmail.com', 'a.da@notgmail.com'],
    ['a.da@gmail.com.example', 'a.da@gmail.com.example'],
  ])('names %s %s', (address, name) => {
    expect(defaultMailboxOf(address)).toBe(name);
  });
});

describe('velocityName', () => {
  const email = { type: 'email_address', value: 'a-b@x.com' } as const;

  it('of an e-mail address is its mailbox', () => {
    expect(velocityName(email, (address) => address.replace(/-.*@/, '@'))).toBe('a@x.com');
  });

  it('of a phone number is the number, without a call of mailboxOf', () => {
    const phone = { type: 'phone_number', value: '+33612345678' } as const;
    expect(velocityName(phone, () => 'one')).toBe('+33612345678');
  });

  it.each<[string, () => unknown]>([
    ...['', undefined, null, 1].map((value): [string, () => unknown] => [
      `returns ${value}`,
      () => value,
    ]),
    ['resolves', () => Promise.resolve('a@x.com')],
    ['rejects', () => Promise.reject(new Error('no mailbox'))],
  ])('throws if mailboxOf %s', (_, find) => {
    const mailboxOf = find as MailboxOf;
    const rule = new TypeError('mailboxOf must return a string that is not empty.');
    expect(() => velocityName(email, mailboxOf)).toThrow(rule);
  });
});
