import { createTestSender } from '@otp/testing';
import {
  answerOf,
  decodePayload,
  email,
  fastestMs,
  limitBothFlows,
  phone,
  setUp,
  times,
} from '@otp/testing/internal';
import { describe, expect, test } from 'vitest';

/** Expects a refusal before the store or a sender is called. */
async function expectRefused(body: object): Promise<void> {
  const t = setUp();
  await t.untouched(async () => {
    const response = await t.create(body);
    expect(answerOf(response)).toBe('bad_request');
    expect(JSON.parse(response.body).message).toMatch(
      /^(?:identifier\.value: must|body: has a NUL)/,
    );
  });
}

describe('I01', () => {
  test.each([
    'victim＠evil.com',
    'mıke@example.org',
    '\u212aate@example.org',
    'user@\u212aate.com',
    'ﬀ@x.com',
    'user@ｅｘａｍｐｌｅ.com',
    'user@example。com',
    'üser@example.com',
    'user@exämple.com',
    'us\u00ader@example.com',
    'user\u200b@example.com',
  ])('GHSA-7rqj-j65f-68wh CVE-2019-19844 refuses %j, which is not ASCII [I01]', (value) =>
    expectRefused(email(value)),
  );
});

describe('I02', () => {
  test.each([
    'a@evil.com,victim@x.com',
    'a@evil.com;victim@x.com',
    'a@evil.com victim@x.com',
    'us er@example.com',
    '"user"@example.com',
    '"a@evil.com"@example.com',
    'user(comment)@example.com',
    'user@example.com(comment)',
    'User <user@example.com>',
    '<user@example.com>',
    'user@[127.0.0.1]',
    'user@127.0.0.1',
    'user@[IPv6:::1]',
    'user@localhost',
    'user@example.com.',
    'user@.example.com',
    'user@example..com',
    'user@-example.com',
    'user@example-.com',
    '.user@example.com',
    'user.@example.com',
    'us..er@example.com',
    'user@@example.com',
    'user@a@example.com',
    '@example.com',
    'user@',
    'user',
    'user\\@example.com',
    'user@exa_mple.com',
    'group:a@x.com;',
    'user@example.com?subject=x',
    'user%40x.com',
  ])('CVE-2022-35924 CVE-2025-14874 refuses %j [I02]', (value) => expectRefused(email(value)));

  test.each([
    'user@example.com',
    "o'neil+tag@sub.example.co.uk",
    'a@b.co',
    '#$&~@x-1.io',
    'u@xn--bcher-kva.example',
  ])('accepts %j [I02]', async (value) => {
    const t = setUp();
    expect((await t.create(email(value))).status).toBe(204);
    expect(t.sender.messages.map(({ to }) => to)).toEqual([value]);
  });
});

describe('I04', () => {
  const label = (length: number) => 'd'.repeat(length);
  const domain = (length: number) => `${label(63)}.${label(63)}.${label(length - 132)}.com`;

  test('accepts a local part of 64 characters, a label of 63 and an address of 254 [I04]', async () => {
    const t = setUp();
    const longest = `${'a'.repeat(64)}@${domain(189)}`;
    expect(longest).toHaveLength(254);
    for (const value of [`${'a'.repeat(64)}@example.com`, `a@${label(63)}.com`, longest]) {
      expect((await t.create(email(value))).status).toBe(204);
    }
  });

  test.each([
    ['a local part of 65', `${'a'.repeat(65)}@example.com`],
    ['a label of 64', `a@${label(64)}.com`],
    ['an address of 255', `${'a'.repeat(64)}@${domain(190)}`],
  ])('refuses %s characters [I04]', (_, value) => expectRefused(email(value)));

  test('refuses 8 KiB of brackets, dots or at signs in under 6 ms [I04]', async () => {
    const t = setUp();
    for (const mark of ['(', '.', '@', 'a.', 'a@', '+']) {
      for (const make of [email, phone]) {
        const body = make(mark.repeat(8000 / mark.length));
        expect(answerOf(await t.create(body))).toBe('bad_request');
        expect(await fastestMs(() => t.create(body))).toBeLessThan(6);
      }
    }
  });
});

describe('I05', () => {
  test.each([
    [email('User@Example.com'), email('user@example.com')],
    [phone('+33612345678'), phone('+330612345678')],
  ])('Logto #9048 %j and %j are one identity with one limit [I05]', async (one, other) => {
    const t = setUp();
    expect((await t.create(one)).status).toBe(204);
    expect(answerOf(await t.create(other))).toBe('auth_blocked');
    t.clock.advance(30);
    expect((await t.create(other)).status).toBe(204);
    expect(new Set(t.sender.messages.map(({ to }) => to)).size).toBe(1);
    t.assertEffects({ stored: 2, sent: 2 });
  });

  test('addresses that differ by a tag are different identities with one limit [I05]', async () => {
    const limits = limitBothFlows({ recipient: [{ max: 99, windowSeconds: 3600 }] });
    const t = setUp({ retryIntervalSeconds: 0, limits });
    for (const n of times(99, (index) => index + 1)) {
      expect((await t.create(email(`u+${n}@x.com`))).status).toBe(204);
    }
    expect(new Set(t.sender.messages.map(({ to }) => to)).size).toBe(99);
    for (const value of ['u+100@x.com', 'u@x.com', 'U+a+b@X.com']) {
      expect(answerOf(await t.create(email(value)))).toBe('auth_blocked');
    }
    expect((await t.create(email('v@x.com'))).status).toBe(204);
    t.assertEffects({ stored: 100, sent: 100 });
  });
});

describe('mailboxOf', () => {
  /** Some servers separate tags by a hyphen. */
  const mailboxOf = (address: string) => address.replace(/-[^@]*@/, '@');

  test('names one limit for the addresses of a mailbox, which are sent to and signed as given [I05]', async () => {
    const t = setUp({ mailboxOf });
    const identifier = { type: 'email_address', value: 'ada-one@x.com' } as const;
    expect(decodePayload(await t.verify({ identifier })).identifier).toEqual(identifier);
    expect(t.sender.messages.map(({ to }) => to)).toEqual(['ada-one@x.com']);
    expect(answerOf(await t.create(email('ada-two@x.com')))).toBe('auth_blocked');
    expect((await t.create(email('ada+one@x.com'))).status).toBe(204);
    expect((await t.create(email('ada+two@x.com'))).status).toBe(204);
    await t.service.resetLimits({ ...identifier, value: 'ada-three@x.com' });
    expect((await t.create(email('ada-two@x.com'))).status).toBe(204);
  });

  test('is not called for a phone number', async () => {
    const t = setUp({ mailboxOf: () => '' });
    expect((await t.create(phone('+33612345678'))).status).toBe(204);
  });

  test.each<[string, () => unknown]>([
    ['an empty string', () => ''],
    ['undefined', () => undefined],
    ['a promise', async () => 'ada@x.com'],
    [
      'an error',
      () => {
        throw new Error('no mailbox');
      },
    ],
  ])('that gives %s: create is internal, with an event, and nothing is sent', async (_, give) => {
    const t = setUp({ mailboxOf: give as () => string });
    expect(answerOf(await t.create(email('ada@x.com')))).toBe('internal');
    expect(t.events).toMatchObject([{ type: 'fault', during: 'create' }]);
    t.assertEffects({ stored: 0, sent: 0 });
  });
});

describe('I10', () => {
  const address = (value: string) => ({ type: 'email_address', value }) as const;
  const EMAIL_STEP = { current_step: 'verify_email', steps: undefined };
  const ROUTED = [
    'ceo%evil.example@example.com',
    'evil.example!ceo@example.com',
    '|ceo@example.com',
    '/var/mail/ceo@example.com',
    '`ceo`@example.com',
    '=?utf-8?q?ceo?=@example.com',
    '-oceo@example.com',
  ];

  test.each(ROUTED)('create refuses %j, which mail servers route [I10]', (value) =>
    expectRefused(email(value)),
  );

  test.each(ROUTED)('no other way in takes %j [I10]', async (value) => {
    const identifier = address(value);
    const t = setUp();
    const ofStep = { order: 1, key: 'verify_email', done: false, identifier };
    for (const claims of [{ identifier }, { steps: [ofStep] }]) {
      const challenge_token = t.challenge({ ...EMAIL_STEP, ...claims });
      expect(answerOf(await t.create({ challenge_token }))).toBe('invalid_challenge_token');
    }
    const known = setUp({ findRecipient: () => identifier });
    const challenge_token = known.challenge(EMAIL_STEP);
    expect(answerOf(await known.create({ challenge_token }))).toBe('auth_blocked');
    expect([...t.sender.messages, ...known.sender.messages]).toEqual([]);

    const challenge = { sub: 'user-1', steps: ['verify_email'], identifier };
    await expect(t.service.issueChallengeToken(challenge)).rejects.toThrow(TypeError);
    await expect(t.service.resetLimits(identifier)).rejects.toThrow(TypeError);
    const fixed = { identifier, code: '123456', expiresAt: new Date(t.clock.now()) };
    expect(() => setUp({ fixedCodes: [fixed] })).toThrow(TypeError);
  });

  const PADDED = address('\t User@example.com \t');
  const TRIMMED = address('user@example.com');

  test('spaces and tabs around an address do not count at create, in the token and for limits [I10]', async () => {
    const t = setUp();
    const token = await t.verify({ identifier: PADDED });
    expect(decodePayload(token).identifier).toEqual(TRIMMED);
    expect(t.sender.messages.map(({ to }) => to)).toEqual([TRIMMED.value]);
    expect(answerOf(await t.create({ identifier: TRIMMED }))).toBe('auth_blocked');
    await t.service.resetLimits(PADDED);
    expect((await t.create({ identifier: TRIMMED })).status).toBe(204);
  });

  test('nor do they in a challenge, beside it, and from the host [I10]', async () => {
    for (const options of [{}, { findRecipient: () => PADDED }]) {
      const t = setUp(options);
      const challenge_token = t.challenge({ ...EMAIL_STEP, identifier: PADDED });
      const identifier = address('  user@example.com');
      expect((await t.create({ challenge_token, identifier })).status).toBe(204);
      expect(t.sender.messages.map(({ to }) => to)).toEqual([TRIMMED.value]);
    }
    const { service } = setUp();
    const challenge = { sub: 'user-1', steps: ['verify_email'], identifier: PADDED };
    const issued = await service.issueChallengeToken(challenge);
    expect(decodePayload(issued).identifier).toEqual(TRIMMED);
    const expiresAt = new Date(Date.now() + 60_000);
    const fixedCodes = [{ identifier: PADDED, code: '314159', expiresAt }];
    const t = setUp({ fixedCodes, now: Date.now });
    expect((await t.create({ identifier: TRIMMED })).status).toBe(204);
    expect(t.events.at(-1)).toMatchObject({ type: 'fixed_code' });
  });

  test.each([' +33612345678', '+33612345678\t'])('spaces around %j do count [I10]', (value) =>
    expectRefused(phone(value)),
  );
});

describe('I06', () => {
  test.each([
    '33612345678',
    '0033612345678',
    '0612345678',
    '+33612345678\0',
    'tel:+33612345678',
    '+33612345678;ext=1',
    '+33612345678 ext. 1',
    '+33612345678x1',
    '+33 6 12 34 56 78',
    '+33-612345678',
    '+33(0)612345678',
    '+٣٣٦١٢٣٤٥٦٧٨',
    '+３３６１２３４５６７８',
    '＋33612345678',
    '++33612345678',
    '+33612345678+',
    '+336123',
    '+1234567890123456',
    '+',
    '+33612345678,+33612345679',
  ])('refuses %j, which is not a plus sign and 7 to 15 ASCII digits [I06]', (value) =>
    expectRefused(phone(value)),
  );
});

describe('I08', () => {
  const withCountries = (countries: readonly string[] | 'ALL' | undefined) => {
    const sender = createTestSender();
    const sms = countries === undefined ? { sender } : { sender, countries };
    return setUp({ testSender: sender, channels: { sms, email: { sender } } });
  };

  test.each([
    ['missing', undefined],
    ['empty', []],
    ['a calling code', ['1']],
    ['a name', ['France']],
    ['in lower case', ['us']],
  ])('refuses to start an SMS channel whose list of countries is %s [I08]', (_, countries) => {
    expect(() => withCountries(countries)).toThrow(TypeError);
    expect(() => withCountries(countries)).toThrow(/countries/);
  });
});
