import { fastestMs } from '@otp/testing/internal';
import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { describe, expect, it } from 'vitest';
import type { Identifier } from '../ports.js';
import { isCountry, normalizeIdentifier, velocityName } from './identifier.js';

const email = (value: string) => normalizeIdentifier({ type: 'email_address', value });
const phone = (value: string) => normalizeIdentifier({ type: 'phone_number', value });
const REFUSED = { ok: false, code: 'bad_request' };

/** Shows what cannot be seen. */
const spelled = (value: string) =>
  JSON.stringify(value.length > 60 ? `${value.slice(0, 50)}…` : value);
const titled = (values: readonly string[]) => values.map((value) => [spelled(value), value]);

describe('normalizeIdentifier: what is no identifier', () => {
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
  ])('throws a TypeError that says what to write for %j', (identifier) => {
    const normalize = () => normalizeIdentifier(identifier as Identifier);
    expect(normalize).toThrow(TypeError);
    expect(normalize).toThrow(/^identifier must be like \{ type: 'phone_number'/);
  });
});

describe('normalizeIdentifier: e-mail addresses', () => {
  it.each([
    ['user@example.com', 'user@example.com'],
    ['User@Example.COM', 'user@example.com'],
    ['a@b.co', 'a@b.co'],
    ['a@b.c', 'a@b.c'],
    ['a@example.3com', 'a@example.3com'],
    ['a@example.0xyz', 'a@example.0xyz'],
    ['first.last@sub.example.co.uk', 'first.last@sub.example.co.uk'],
    ['user+tag@example.com', 'user+tag@example.com'],
    ["o'hara@example.com", "o'hara@example.com"],
    ["!#$%&'*+/=?^_`{|}~-@example.com", "!#$%&'*+/=?^_`{|}~-@example.com"],
    ['1@1.com', '1@1.com'],
    ['a@xn--bcher-kva.example', 'a@xn--bcher-kva.example'],
    ['a@123.456.c0m', 'a@123.456.c0m'],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
    [`a@${'b'.repeat(63)}.com`, `a@${'b'.repeat(63)}.com`],
  ])('takes %s as %s', (value, canonical) => {
    expect(email(value)).toEqual({
      ok: true,
      identifier: { type: 'email_address', value: canonical },
    });
  });

  it('takes an address of 254 characters and no longer one (I04)', () => {
    const label = 'b'.repeat(61);
    const address = `${'a'.repeat(64)}@${label}.${label}.${label}.com`;
    expect(address).toHaveLength(254);
    expect(email(address).ok).toBe(true);
    expect(email(address.replace('.com', '.info'))).toMatchObject(REFUSED);
  });

  it.each(
    titled([
      'victim＠evil.com',
      'mıke@example.org',
      'mike@example.org'.replace('k', '\u212a'),
      'ﬀ@x.com',
      'a@ｅｘａｍｐｌｅ.com',
      'user@exämple.com',
      'üser@example.com',
      'a@example。com',
      'ſ@example.com',
      'user@example.com\u200b',
      'u\u0301ser@example.com',
      'İ@example.com',
    ]),
  )(
    'refuses %s, which only looks like an ASCII address (GHSA-7rqj-j65f-68wh) [I01]',
    (_, value) => {
      expect(email(value)).toMatchObject(REFUSED);
    },
  );

  it.each(
    titled([
      'a@evil.com,victim@x.com',
      'a@evil.com;victim@x.com',
      'a@evil.com victim@x.com',
      ' a@x.com',
      'a@x.com ',
      'a b@x.com',
      '"a"@x.com',
      '"a@evil.com"@x.com',
      'a(comment)@x.com',
      '(comment)a@x.com',
      'a@x.com(comment)',
      '<a@x.com>',
      'A <a@x.com>',
      'a@[127.0.0.1]',
      'a@[IPv6:::1]',
      'a@127.0.0.1',
      'a@localhost',
      'a@x.com.',
      'a@.x.com',
      'a@x..com',
      '.a@x.com',
      'a.@x.com',
      'a..b@x.com',
      'a@-x.com',
      'a@x-.com',
      'a@x.-com',
      'a@x.com-',
      'a@x_y.com',
      'a@b@x.com',
      '@x.com',
      'a@',
      'a',
      'example.com',
      'a@1.2.3.0xff',
      'a@1.2.3.0x',
      '@',
      '',
      'a@x.123',
      'a%evil.com',
      'a:b@x.com',
      'a\\@x.com',
      'mailto:a@x.com',
      'a@x.com?bcc=v@x.com',
      'a@x.com/b',
    ]),
  )('refuses %s (CVE-2022-35924, CVE-2025-14874) [I02]', (_, value) => {
    expect(email(value)).toMatchObject(REFUSED);
  });

  it.each(
    ['\r', '\n', '\0', '\u2028', '\u2029', '\t', '\x7f', '\u0085'].flatMap((char) =>
      ['?a@x.com', 'a?@x.com', 'a@?x.com', 'a@x.com?'].map((text) => {
        const value = text.replace('?', char);
        return [spelled(value), value];
      }),
    ),
  )('refuses the control character in %s (CVE-2021-23400) [I03]', (_, value = '') => {
    expect(email(value)).toMatchObject(REFUSED);
  });

  it('refuses a whole extra header [I03]', () => {
    expect(email('a@x.com\r\nBcc: victim@x.com')).toMatchObject(REFUSED);
  });

  it.each(
    titled([
      `${'a'.repeat(65)}@example.com`,
      `a@${'b'.repeat(64)}.com`,
      `a@example.${'c'.repeat(64)}`,
      `a@${'b.'.repeat(126)}com`,
    ]),
  )('refuses what is too long: %s [I04]', (_, value) => {
    expect(email(value)).toMatchObject(REFUSED);
  });

  it.each([
    ['((((', '('],
    ['....', '.'],
    ['@@@@', '@'],
    ['a.a.', 'a.'],
    ['a-a-', 'a-'],
  ])('refuses 8 KiB of %s without working for it [I04]', async (_, unit) => {
    const local = unit.repeat(8192 / unit.length);
    for (const address of [local, `a@${local}`]) {
      expect(email(address).ok).toBe(false);
      expect(await fastestMs(async () => email(address))).toBeLessThan(2);
    }
  });

  it('refuses the longest address that nearly matches without working for it [I04]', async () => {
    const address = `${'a.'.repeat(31)}a@${'a-'.repeat(90)}`;
    expect(email(address).ok).toBe(false);
    expect(await fastestMs(async () => email(address))).toBeLessThan(2);
  });
});

describe('normalizeIdentifier: phone numbers', () => {
  it('refuses more than 15 digits, also where a carrier code stands in front of a number [I04]', () => {
    expect(phone('+8613812345678')).toMatchObject({ ok: true });
    expect(phone('+861259313812345678')).toMatchObject(REFUSED);
  });

  it.each([
    ['+33612345678', '+33612345678', 'FR'],
    ['+330612345678', '+33612345678', 'FR'],
    ['+4915112345678', '+4915112345678', 'DE'],
    ['+12133734253', '+12133734253', 'US'],
    ['+6281234567890', '+6281234567890', 'ID'],
    ['+5511961234567', '+5511961234567', 'BR'],
    ['+919876543210', '+919876543210', 'IN'],
    ['+2348031234567', '+2348031234567', 'NG'],
    ['+447400123456', '+447400123456', 'GB'],
  ])('takes the mobile %s as %s of %s [I07]', (value, canonical, country) => {
    expect(phone(value)).toEqual({
      ok: true,
      identifier: { type: 'phone_number', value: canonical, country },
    });
  });

  it('gives two spellings of one number one identity (Logto #9048) [I05]', () => {
    expect(phone('+330612345678')).toEqual(phone('+33612345678'));
    expect(email('User@Example.com')).toEqual(email('user@example.com'));
  });

  it.each(
    titled([
      '+33612345678\0',
      '+33612345678;ext=1',
      'tel:+33612345678',
      '+33612345678 ext. 5',
      '+33 6 12 34 56 78',
      '+33-612-345-678',
      '+33(0)612345678',
      '0612345678',
      '33612345678',
      '0033612345678',
      '＋33612345678',
      '++33612345678',
      '+٣٣٦١٢٣٤٥٦٧٨',
      '+３３６１２３４５６７８',
      '+33612345678\n',
      ' +33612345678',
      '+33612345678x',
      '+336123456e8',
      '+123456',
      '+1234567890123456',
      '+',
      '',
      'user@example.com',
    ]),
  )('refuses %s, whatever a library makes of it [I06]', (_, value) => {
    expect(phone(value)).toMatchObject(REFUSED);
  });

  it.each([
    ['+33899123456', 'premium, FR'],
    ['+19002345678', 'premium, US'],
    ['+34900123456', 'toll-free, ES'],
    ['+18002345678', 'toll-free, US'],
    ['+33812345678', 'shared-cost, FR'],
    ['+447012345678', 'personal, GB'],
    ['+447640123456', 'pager, GB'],
    ['+33170189900', 'fixed line, FR'],
    ['+4930123456', 'fixed line, DE'],
    ['+442071234567', 'fixed line, GB'],
    ['+881612345678', 'satellite'],
    ['+870312345678', 'Inmarsat'],
    ['+882161234567', 'international network'],
    ['+883510012345678', 'international network'],
    ['+888123456789', 'disaster relief'],
    ['+878101234567890', 'universal personal'],
    ['+979123456789', 'international premium'],
    ['+80012345678', 'international freephone'],
    ['+80812345678', 'international shared cost'],
    ['+999123456789', 'no calling code'],
    ['+10000000000', 'no number'],
  ])('refuses %s (%s) [I07]', (value) => {
    expect(phone(value)).toMatchObject(REFUSED);
  });

  it.each([
    ['+18765551234', 'JM'],
    ['+12423591234', 'BS'],
    ['+14155550100', 'US'],
    ['+16045550100', 'CA'],
  ])('tells the countries of one calling code apart: %s is in %s [I08]', (value, country) => {
    const normalized = phone(value);
    expect(normalized.ok && normalized.identifier.country).toBe(country);
  });
});

describe('normalizeIdentifier: messages', () => {
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

/** RFC 5321 Dot-string and RFC 1035 labels, read character by character. */
function isAddress(text: string): boolean {
  const parts = text.split('@');
  const [local = '', domain = ''] = parts;
  if (parts.length !== 2 || text.length > 254 || local.length > 64) return false;
  const atoms = local.split('.');
  const labels = domain.split('.');
  const isAtom = (atom: string) =>
    atom !== '' &&
    [...atom].every((char) => /[a-zA-Z0-9]/.test(char) || "!#$%&'*+/=?^_`{|}~-".includes(char));
  const isLabel = (label: string) =>
    label !== '' &&
    label.length <= 63 &&
    !label.startsWith('-') &&
    !label.endsWith('-') &&
    [...label].every((char) => /[a-zA-Z0-9-]/.test(char));
  const isNumber = [...(labels.at(-1) ?? '')].every((char) => char >= '0' && char <= '9');
  return atoms.every(isAtom) && labels.length > 1 && labels.every(isLabel) && !isNumber;
}

const RUNS = { numRuns: 20_000 };
const addressLike = fc.oneof(
  fc.emailAddress(),
  fc.string({ unit: fc.constantFrom(...'aZ0.@-_+,;"( é\0\n'), maxLength: 20 }),
  fc
    .tuple(
      fc.string({ unit: fc.constantFrom(...'aB1.+-'), maxLength: 66 }),
      fc.string({ unit: fc.constantFrom(...'aB1.-'), maxLength: 66 }),
    )
    .map(([local, domain]) => `${local}@${domain}.cO`),
);
const DIGITS = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 7, maxLength: 10 });
const numberLike = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          '336',
          '3306',
          '337',
          '4915',
          '1213',
          '1415',
          '628',
          '5511',
          '919',
          '23480',
        ),
        DIGITS,
      )
      .map(([prefix, rest]) => `+${prefix}${rest}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom('33', '49', '1', '44', '39', '7', '86', '54', '52', '88', '80'),
        DIGITS,
      )
      .map(([prefix, rest]) => `+${prefix}${rest}`),
  },
  fc.string({ unit: fc.constantFrom(...'+0123456789 ()-;'), maxLength: 17 }),
);

describe('normalizeIdentifier: properties', () => {
  it('accepts exactly the addresses that an independent check accepts [I09]', () => {
    let accepted = 0;
    fc.assert(
      fc.property(addressLike, (value) => {
        const normalized = email(value);
        expect(normalized.ok).toBe(isAddress(value));
        if (normalized.ok) accepted += 1;
      }),
      RUNS,
    );
    expect(accepted).toBeGreaterThan(1_000);
  });

  it.each([
    ['email_address', addressLike],
    ['phone_number', numberLike],
  ] as const)('normalising a %s twice changes nothing [I09]', (type, inputs) => {
    let accepted = 0;
    fc.assert(
      fc.property(inputs, (value) => {
        const once = normalizeIdentifier({ type, value });
        if (!once.ok) return;
        accepted += 1;
        expect(normalizeIdentifier(once.identifier)).toEqual(once);
      }),
      RUNS,
    );
    expect(accepted).toBeGreaterThan(1_000);
  });

  it('accepts only what the full metadata calls a mobile number of a country [I07]', () => {
    let accepted = 0;
    fc.assert(
      fc.property(numberLike, (value) => {
        const normalized = phone(value);
        if (!normalized.ok) return;
        accepted += 1;
        const { country, value: canonical } = normalized.identifier;
        const number = parsePhoneNumberFromString(canonical);
        expect(canonical).toMatch(/^\+[1-9][0-9]{6,14}$/);
        expect(['MOBILE', 'FIXED_LINE_OR_MOBILE']).toContain(number?.getType());
        expect(number?.country).toBe(country);
      }),
      RUNS,
    );
    expect(accepted).toBeGreaterThan(1_000);
  });
});

describe('velocityName', () => {
  it('counts all tags of one address together, which stay different identities [I05]', () => {
    const addresses = Array.from({ length: 99 }, (_, index) => email(`u+${index + 1}@x.com`));
    const identifiers = addresses.flatMap((each) => (each.ok ? [each.identifier] : []));
    expect(new Set(identifiers.map(({ value }) => value)).size).toBe(99);
    expect(new Set(identifiers.map(velocityName))).toEqual(new Set(['u@x.com']));
  });

  it.each([
    ['a+b+c@x.com', 'a@x.com'],
    ['a@x.com', 'a@x.com'],
    ['a+@x.com', 'a@x.com'],
    // Nothing would be left of the name.
    ['+a@x.com', '@x.com'],
    ['ada.lovelace@gmail.com', 'adalovelace@gmail.com'],
    ['a.d.a+otp@googlemail.com', 'ada@gmail.com'],
    ['a.da@mail.google.com', 'a.da@mail.google.com'],
    ['a.da@notgmail.com', 'a.da@notgmail.com'],
    ['a.da@gmail.com.example', 'a.da@gmail.com.example'],
  ])('counts %s as %s', (value, name) => {
    expect(velocityName({ type: 'email_address', value })).toBe(name);
  });

  it('counts a phone number as it is', () => {
    expect(velocityName({ type: 'phone_number', value: '+33612345678' })).toBe('+33612345678');
  });
});

describe('isCountry', () => {
  it.each(['US', 'FR', 'JM', 'XK'])('knows %s', (code) => expect(isCountry(code)).toBe(true));

  it.each(['us', 'XX', '001', 'USA', '', 'constructor', '__proto__', 1, ['US'], null, undefined])(
    'does not know %s',
    (code) => expect(isCountry(code)).toBe(false),
  );
});
