import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { toAddressField } from './address-field.js';

const address = 'no-reply@example.com';

describe('toAddressField', () => {
  it.each([
    ['', 'no-reply@example.com'],
    ["Example & Sons' Shop", "Example & Sons' Shop <no-reply@example.com>"],
    ['Acme, Inc.', '"Acme, Inc." <no-reply@example.com>'],
    ['A "B" \\ C', '"A \\"B\\" \\\\ C" <no-reply@example.com>'],
    ['Café', '=?UTF-8?B?Q2Fmw6k=?= <no-reply@example.com>'],
    // Written by a host that encodes the name itself.
    ['=?UTF-8?Q?Caf=C3=A9?=', '=?UTF-8?Q?Caf=C3=A9?= <no-reply@example.com>'],
  ])('writes the name %j', (name, field) => {
    expect(toAddressField({ name, address })).toBe(field);
  });

  it.each([
    'Café',
    'Crème, "Brûlée" (Paris)',
    '日本語'.repeat(20),
    '😀'.repeat(40),
    'é '.repeat(60).trim(),
  ])(
    'writes %j in encoded words of at most 75 ASCII characters, which a parser reads',
    async (name) => {
      const field = toAddressField({ name, address });
      for (const word of field.split(' ')) expect(word).toMatch(/^[ -~]{1,75}$/);
      const { from } = await PostalMime.parse(`From: ${field}\r\n\r\n`);
      expect(from).toEqual({ name, address });
    },
  );
});
