import type { Identifier } from '@otp/core';
import { type Choices, happens, pick } from './choices.js';
import { mutateText } from './mutate.js';

/** Mobile numbers without their last five digits, some with a trunk zero. */
const MOBILE = [
  '+336123',
  '+3306123',
  '+49151234',
  '+120155',
  '+628123',
  '+55119912',
  '+9198765',
  '+23480312',
] as const;
/** Fixed-line, premium, shared-cost and satellite numbers, and calling codes without a country. */
const OTHER = [
  '+33899',
  '+4930',
  '+1900',
  '+88213',
  '+979',
  '+8001',
  '+1876',
  '+7',
  '+',
  '00336',
  '336',
] as const;

const LOCAL = [
  'user',
  'U.Ser',
  'a',
  "o'hara",
  'first.last',
  'u+1',
  'u+tag',
  '#$&',
  '!#$%',
  'a=?b',
  '-a',
  'a..b',
  '.a',
  'x'.repeat(64),
] as const;
const DOMAIN = [
  'example.com',
  'Example.COM',
  'b.co',
  'sub.example.co.uk',
  'xn--bcher-kva.example',
  '1.com',
  'a-b.example',
] as const;
const ODD_DOMAIN = [
  'localhost',
  '127.0.0.1',
  '[127.0.0.1]',
  'example.com.',
  '-a.com',
  'a.123',
  `${'b'.repeat(63)}.com`,
  `${'b'.repeat(64)}.com`,
] as const;

/** Generates a phone number or an e-mail address as a client may write it, mostly valid. */
export function generateIdentifier(choices: Choices): Identifier {
  const isEmail = choices.below(2) === 0;
  const value = isEmail ? address(choices) : number(choices);
  return {
    type: isEmail ? 'email_address' : 'phone_number',
    value: happens(choices, 40) ? mutateText(choices, value) : value,
  };
}

function address(choices: Choices): string {
  const domain = happens(choices, 15) ? pick(choices, ODD_DOMAIN) : pick(choices, DOMAIN);
  const space = happens(choices, 5) ? ' \t' : '';
  return `${space}${pick(choices, LOCAL)}@${domain}${space}`;
}

function number(choices: Choices): string {
  const isOther = happens(choices, 20);
  const prefix = isOther ? pick(choices, OTHER) : pick(choices, MOBILE);
  const rest = String(choices.below(100_000)).padStart(5, '0');
  return prefix + rest + (isOther ? pick(choices, ['', '0', '00', '1234']) : '');
}
