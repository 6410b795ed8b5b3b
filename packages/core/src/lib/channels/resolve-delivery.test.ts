import { describe, expect, it } from 'vitest';
import { resolveMessages } from '../messages/resolve-messages.js';
import { type DeliveryOptions, resolveDelivery } from './resolve-delivery.js';

const sender = { send: async () => undefined };
const NOW = Date.UTC(2030, 0, 1);
const inDays = (days: number) => new Date(NOW + days * 86_400_000);

type Changes = { readonly [Name in keyof DeliveryOptions]?: unknown };

/** Options that a host without types could write. */
function resolve(changes: Changes) {
  const options = { channels: { email: { sender } }, ...changes } as DeliveryOptions;
  const context = { messages: resolveMessages({}), emit: () => {}, now: () => NOW };
  return resolveDelivery(options, context);
}

const sms = (changes: object): Changes => ({
  channels: { sms: { sender, countries: ['FR'], ...changes } },
});
const email = (changes: object): Changes => ({ channels: { email: { sender, ...changes } } });
const login = (changes: object): Changes => ({
  loginConfigs: { own: { channel: 'email', ...changes } },
});
const FIXED = {
  identifier: { type: 'email_address', value: 'Reviewer@example.com' },
  code: '123456',
  expiresAt: inDays(30),
};
const fixed = (changes: object): Changes => ({ fixedCodes: [{ ...FIXED, ...changes }] });
const fixedNumber = (value: string): Changes => ({
  ...sms({}),
  ...fixed({ identifier: { type: 'phone_number', value } }),
});

const CHANNELS =
  'must be an object with sms, whatsapp or email, for instance { email: { sender } }.';
const SENDER = 'must be a Sender, like { send: async ({ to, content }) => … }; it has no send().';
const SENDERS_BY_COUNTRY =
  'must be an object of senders by country, like { US: sender, FR: [first, second] } (ISO 3166-1 alpha-2).';
const COUNTRIES =
  "must be an array of the countries that are served, like ['US', 'FR'] (ISO 3166-1 alpha-2), or 'ALL'.";
const COUNTRY = "must be the code of a country (ISO 3166-1 alpha-2), like 'US' or 'GB'.";
const CODE = 'must be a string of 6 digits, like the codes of its channel.';
const EXPIRY = 'must be a Date at most 90 days from now.';

const BAD: readonly (readonly [sentence: string, changes: Changes])[] = [
  ...[undefined, null, {}, { sms: undefined }].map(
    (channels) => [`channels ${CHANNELS}`, { channels }] as const,
  ),
  [
    'channels has no option voice; it takes sms, whatsapp, email.',
    { channels: { voice: { sender } } },
  ],
  ['channels.sms must be an object.', { channels: { sms: null } }],
  [`channels.sms.sender ${SENDER}`, { channels: { sms: { countries: 'ALL' } } }],
  ...[undefined, null, () => {}, { send: true }].map(
    (each) => [`channels.sms.sender ${SENDER}`, sms({ sender: each })] as const,
  ),
  [
    'channels.sms.sender must have at least one sender: they are tried in this order.',
    sms({ sender: [] }),
  ],
  [
    'channels.sms.sender must have each sender once: the next one is tried when one fails.',
    sms({ sender: [sender, sender] }),
  ],
  [`channels.sms.sender[1] ${SENDER}`, sms({ sender: [sender, {}] })],
  [`channels.sms.sender[0] ${SENDER}`, sms({ sender: [undefined] })],
  ...[null, 'FR', [sender], new Map([['FR', sender]])].map(
    (each) =>
      [
        `channels.sms.sendersByCountry ${SENDERS_BY_COUNTRY}`,
        sms({ sendersByCountry: each }),
      ] as const,
  ),
  [`channels.sms.sendersByCountry.UK ${COUNTRY}`, sms({ sendersByCountry: { UK: sender } })],
  [
    'channels.sms.sendersByCountry.FR must have at least one sender: they are tried in this order.',
    sms({ sendersByCountry: { FR: [] } }),
  ],
  [`channels.sms.sendersByCountry.FR ${SENDER}`, sms({ sendersByCountry: { FR: undefined } })],
  [
    'channels.email.sendersByCountry must be left out: an e-mail address has no country.',
    email({ sendersByCountry: { FR: sender } }),
  ],
  ...['sms', 'email', 'voice', 1, null].map(
    (retryChannel) =>
      [
        "channels.sms.retryChannel must be 'whatsapp', the other channel to a phone number.",
        sms({ retryChannel }),
      ] as const,
  ),
  [
    "channels.sms.retryChannel is 'whatsapp': add channels.whatsapp with its sender.",
    sms({ retryChannel: 'whatsapp' }),
  ],
  [
    'channels.email.retryChannel must be left out: no other channel reaches an e-mail address.',
    email({ retryChannel: 'sms' }),
  ],
  ...[undefined, null, [], 'US', 'all', new Set(['US'])].map(
    (countries) => [`channels.sms.countries ${COUNTRIES}`, sms({ countries })] as const,
  ),
  ...[['USA'], ['us'], ['001'], [1]].map(
    (countries) => [`channels.sms.countries[0] ${COUNTRY}`, sms({ countries })] as const,
  ),
  [`channels.sms.countries[1] ${COUNTRY}`, sms({ countries: ['GB', 'UK'] })],
  [`channels.whatsapp.countries ${COUNTRIES}`, { channels: { whatsapp: { sender } } }],
  ...[5, 11, 6.5, '6', null, Number.NaN].map(
    (codeLength) =>
      [
        'channels.email.codeLength must be an integer from 6 to 10.',
        email({ codeLength }),
      ] as const,
  ),
  ...[59, 601, 60.5, '600', null, Number.POSITIVE_INFINITY].map(
    (ttlSeconds) =>
      [
        'channels.email.ttlSeconds must be an integer from 60 to 600.',
        email({ ttlSeconds }),
      ] as const,
  ),
  ...['', 1].map(
    (locale) =>
      [
        'channels.email.locale must be a string of 1 to 512 characters.',
        email({ locale }),
      ] as const,
  ),
  [
    "channels.email.locale must be a language tag (BCP 47), like 'en' or 'pt-BR'.",
    email({ locale: 'en_US' }),
  ],
  [
    'channels.email.locale must be a language that has a template; add one to messages.',
    email({ locale: 'sv' }),
  ],
  ['channels.email.message must be a function.', email({ message: 'text' })],
  ...[null, [], new Map()].map(
    (loginConfigs) =>
      [
        'loginConfigs must be an object of { channel, … } by login_config_id.',
        { loginConfigs },
      ] as const,
  ),
  ['loginConfigs.own must be an object with a channel.', { loginConfigs: { own: null } }],
  ...['voice', undefined].map(
    (channel) =>
      [
        'loginConfigs.own.channel must be one of: sms, whatsapp, email.',
        login({ channel }),
      ] as const,
  ),
  ...['step-up', [], {}, null].map(
    (flows) =>
      [
        "loginConfigs.own.flows must be ['standalone'], ['step-up'] or both.",
        login({ flows }),
      ] as const,
  ),
  [
    'loginConfigs.own.flows[1] must be one of: standalone, step-up.',
    login({ flows: ['step-up', 'stepUp'] }),
  ],
  [
    `fixedCodes[0].code ${CODE}`,
    { ...fixed({ code: '12345678' }), ...login({ codeLength: 8, flows: ['step-up'] }) },
  ],
  [`loginConfigs.own.sender ${SENDER}`, login({ channel: 'whatsapp', countries: 'ALL' })],
  ['loginConfigs.own has no option chanel; it takes ', login({ chanel: 'sms' })],
  [
    'loginConfigs.own.channel must be one of: sms, whatsapp, email.',
    { loginConfigs: { own: { chanel: 'sms' } } },
  ],
  ['loginConfigs.own.codeLength must be an integer from 6 to 10.', login({ codeLength: 4 })],
  ['loginConfigs.own.ttlSeconds must be an integer from 60 to 600.', login({ ttlSeconds: 3600 })],
  ['loginConfigs.own.retryChannel must be left out', login({ retryChannel: 'sms' })],
  ['must be a string of 1 to 512 characters.', { loginConfigs: { '': { channel: 'email' } } }],
  ...[{}, null].map(
    (fixedCodes) =>
      ['fixedCodes must be an array of { identifier, code, expiresAt }.', { fixedCodes }] as const,
  ),
  ['fixedCodes[0] must be an object.', { fixedCodes: [null] }],
  ['fixedCodes[0] has no option expires; it takes ', fixed({ expires: 1 })],
  ['fixedCodes[0].identifier must be an object.', fixed({ identifier: 'a@example.com' })],
  [
    'fixedCodes[0].identifier.type must be one of: phone_number, email_address.',
    fixed({ identifier: { value: 'a@b.example' } }),
  ],
  ...['+1202', '+1234567890123456', '0612345678', '+33 612345678', '++33612345678'].map(
    (value) =>
      [
        'fixedCodes[0].identifier.value must be a phone number in E.164 form or an e-mail address.',
        fixedNumber(value),
      ] as const,
  ),
  ['fixedCodes[0].identifier.value must be a string of 1 to 512 characters.', fixedNumber('')],
  ...['12345', '1234567', '12345a', '１２３４５６'].map(
    (code) => [`fixedCodes[0].code ${CODE}`, fixed({ code })] as const,
  ),
  ['fixedCodes[0].code must be a string of digits.', fixed({ code: 123456 })],
  ...[undefined, NOW, new Date(Number.NaN), inDays(90.01)].map(
    (expiresAt) => [`fixedCodes[0].expiresAt ${EXPIRY}`, fixed({ expiresAt })] as const,
  ),
  ['fixedCodes[1].identifier already has a fixed code.', { fixedCodes: [FIXED, FIXED] }],
  [
    'fixedCodes[0].identifier must be one that a channel in channels reaches.',
    { ...fixed({}), ...sms({}) },
  ],
];

describe('resolveDelivery', () => {
  it.each(BAD.map(([sentence, changes], index) => ({ index, sentence, changes })))(
    'refuses bad options: $sentence ($index)',
    ({ sentence, changes }) => {
      expect(() => resolve(changes)).toThrow(TypeError);
      expect(() => resolve(changes)).toThrow(sentence);
    },
  );

  it.each<[string, Changes]>([
    ['the shortest life', email({ ttlSeconds: 60 })],
    ['the longest code', email({ codeLength: 10 })],
    ['one country', sms({ countries: ['US'] })],
    ['two senders', sms({ sender: [sender, { ...sender }] })],
    ['senders by country', sms({ sendersByCountry: { FR: sender, US: [sender] } })],
    [
      'one sender for several channels',
      { channels: { email: { sender }, sms: { sender, countries: 'ALL' } } },
    ],
    [
      'retries through another channel',
      {
        channels: {
          sms: { sender, countries: 'ALL', retryChannel: 'whatsapp' },
          whatsapp: { sender, countries: 'ALL', retryChannel: 'sms' },
        },
      },
    ],
    [
      'a language without template for a message function',
      email({ locale: 'sv', message: String }),
    ],
    ['a fixed code', fixed({})],
    ['a fixed code for 90 days', fixed({ expiresAt: inDays(90) })],
    ['a fixed code that has expired', fixed({ expiresAt: new Date(0) })],
    ['no fixed codes', { fixedCodes: [] }],
    [
      'a fixed code for a login config',
      { ...fixed({ code: '12345678' }), ...login({ codeLength: 8 }) },
    ],
    ['a fixed code for a US number that is reserved for fiction', fixedNumber('+12025550123')],
    ['a fixed code for a UK number that is reserved for fiction', fixedNumber('+447700900123')],
    ['a fixed code for a French number that is reserved for fiction', fixedNumber('+33639980012')],
    ['a fixed code for a number of 7 digits', fixedNumber('+1234567')],
    ['a fixed code for a number of 15 digits', fixedNumber('+999999999999999')],
  ])('accepts %s', (_, changes) => {
    expect(() => resolve(changes)).not.toThrow();
  });

  it('fills in the defaults', () => {
    const { channels, loginConfigs, fixedCodes } = resolve({});
    expect(channels.email).toMatchObject({ codeLength: 6, ttlSeconds: 600, locale: undefined });
    expect([loginConfigs.size, fixedCodes.size]).toEqual([0, 0]);
  });

  it('names senders by the first option that has them', () => {
    const { channels } = resolve({
      channels: { email: { sender: [sender] }, sms: { sender, countries: 'ALL' } },
    });
    expect(channels.sms?.senders).toMatchObject([{ name: 'channels.email.sender[0]' }]);
  });

  it('completes a login config with the options of its channel', () => {
    const { channels, loginConfigs } = resolve({
      ...sms({ codeLength: 8, ttlSeconds: 120 }),
      loginConfigs: { short: { channel: 'sms', ttlSeconds: 60 } },
    });
    expect(loginConfigs.get('short')).toMatchObject({
      channel: 'sms',
      senders: channels.sms?.senders,
      codeLength: 8,
      ttlSeconds: 60,
      countries: new Set(['FR']),
    });
  });

  it.each([
    [undefined, ['standalone']],
    [['step-up'], ['step-up']],
    [
      ['step-up', 'standalone'],
      ['step-up', 'standalone'],
    ],
  ])('a login config with flows %j serves %j', (flows, served) => {
    const { loginConfigs } = resolve(login({ flows }));
    expect(loginConfigs.get('own')?.flows).toEqual(new Set(served));
  });

  it('copies arrays of the host', () => {
    const countries = ['FR'];
    const { channels } = resolve(sms({ countries }));
    countries.push('US');
    expect(channels.sms?.countries).toEqual(new Set(['FR']));
  });
});
