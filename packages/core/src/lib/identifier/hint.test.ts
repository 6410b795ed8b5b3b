import { expect, test } from 'vitest';
import { hintOf } from './hint.js';

test.each([
  ['phone_number', '+33612345678', 'FR', '+33 ••• •• 78'],
  ['phone_number', '+12025550123', 'US', '+1 ••• •• 23'],
  ['phone_number', '+18762345678', 'JM', '+1 ••• •• 78'],
  // A number that only its fixed code makes acceptable has no country.
  ['phone_number', '+447700900123', undefined, '+••• •• 23'],
  ['email_address', 'ada@example.com', undefined, 'a•••@e•••.com'],
  ['email_address', 'a@b.co.uk', undefined, 'a•••@b•••.uk'],
] as const)('the hint of a %s %s in %s is %s', (type, value, country, hint) => {
  expect(hintOf({ type, value, ...(country && { country }) })).toBe(hint);
});
