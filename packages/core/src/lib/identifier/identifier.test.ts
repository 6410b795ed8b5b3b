import { describe, expect, it } from 'vitest';
import type { Identifier } from '../ports.js';
import { normalizeIdentifier } from './identifier.js';

const email = (value: string) => normalizeIdentifier({ type: 'email_address', value });
const phone = (value: string) => normalizeIdentifier({ type: 'phone_number', value });

describe('normalizeIdentifier', () => {
  it.each([
    undefined,
    null,
    'a@b.co',
    {},
    { type: 'email_address' },
    { type: 'phone_number', value: 33612345678 },
    { type: 'phone_number', value: ['+33612345678'] },
    { type: 'fax', value: '+33612345678' },
    { value: 'a@b.co' },
  ])('throws a TypeError for %j', (identifier) => {
    const normalize = () => normalizeIdentifier(identifier as Identifier);
    expect(normalize).toThrow(TypeError);
    expect(normalize).toThrow(/^identifier must be like \{ type: 'phone_number'/);
  });

  it('adds the country of a phone number', () => {
    expect(phone('+33612345678')).toEqual({
      ok: true,
      identifier: { type: 'phone_number', value: '+33612345678', country: 'FR' },
    });
  });

  it('has no country for an e-mail address', () => {
    expect(email('user@example.com')).toStrictEqual({
      ok: true,
      identifier: { type: 'email_address', value: 'user@example.com' },
    });
  });

  it('gives two spellings of one number one identity (Logto #9048) [I05]', () => {
    expect(phone('+330612345678')).toEqual(phone('+33612345678'));
    expect(email('User@Example.com')).toEqual(email('user@example.com'));
  });

  it.each([
    ['email_address', 'canary.person@evil,com'],
    ['phone_number', '+00612345678'],
  ] as const)('names the field of a bad %s and never repeats it', (type, value) => {
    const normalized = normalizeIdentifier({ type, value });
    expect(normalized.ok).toBe(false);
    if (normalized.ok) return;
    expect(normalized.message).toMatch(/^identifier\.value: /);
    expect(normalized.message).not.toContain(value);
  });
});
