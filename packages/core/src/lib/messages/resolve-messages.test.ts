import { describe, expect, it } from 'vitest';
import { type MessagesOptions, resolveMessages } from './resolve-messages.js';

const label = 'a'.repeat(63);
/** 253 characters, as long as a host may be. */
const LONGEST = `${`${label}.`.repeat(3)}${'a'.repeat(61)}`;

describe('resolveMessages', () => {
  it.each(['app.example.com', 'localhost', 'a.b', '1a.example', 'a-1.example', label, LONGEST])(
    'accepts the domain %s unchanged',
    (domain) => {
      const { write } = resolveMessages({ domain });
      const { text } = write.sms({ code: '123456', appName: 'Shop', locale: 'en', minutes: 10 });
      expect(text.split('\n').at(-1)).toBe(`@${domain} #123456`);
    },
  );

  it.each([
    `${label}a`,
    `a.${label}a`,
    `a${LONGEST}`,
    'a-.example',
    'a..b',
    '',
    1,
    null,
    'https://app.example.com',
    'app.example.com:443',
    'App.example.com',
    'app.example.com.',
    'app_1.example.com',
    'bücher.example',
    'a b.example',
    '127.1',
    '[::1]',
    '-a.example',
    'app.example.com #000000',
    'app.example.com\n@evil.example',
  ])('refuses the domain %j', (domain) => {
    const options = { domain } as MessagesOptions;
    expect(() => resolveMessages(options)).toThrow(/^domain must be the host/);
  });

  it('names unknown fields and bad tags, shortened', () => {
    const messages = { en: { ['x'.repeat(65)]: '' } };
    expect(() => resolveMessages({ messages })).toThrow(
      `messages.en has no option ${'x'.repeat(64)}; it takes sms, subject, validity, warning.`,
    );
    const long = { ['x'.repeat(65)]: {} };
    expect(() => resolveMessages({ messages: long })).toThrow(
      `messages.${'x'.repeat(64)} must be a language tag`,
    );
  });

  it.each(['\n', '\r', '\u0085', '\u2028', '\u2029'])('refuses more than one line: %j', (end) => {
    for (const name of ['sms', 'subject', 'validity', 'warning']) {
      const messages = { en: { [name]: `{code}${end}x` } };
      expect(() => resolveMessages({ messages })).toThrow(`messages.en.${name} must be one line.`);
    }
  });

  it('lists the placeholders when one is unknown', () => {
    const messages = { en: { sms: '{code} {name}' } };
    expect(() => resolveMessages({ messages })).toThrow(
      'messages.en.sms must not contain placeholders other than {app}, {code}, {minutes}.',
    );
  });
});

const WORDS = { sms: '{code}', subject: 'Code', validity: 'Soon.', warning: 'Yours.' };

describe('resolveMessages: templates that are refused', () => {
  it.each([
    ['messages must be an object of templates by language.', null],
    ['messages.en_US must be a language tag (BCP 47)', { en_US: WORDS }],
    ['messages.eo must be an object.', { eo: null }],
    ['messages.eo.warning must be a string', { eo: { ...WORDS, warning: undefined } }],
    ['messages.eo.sms must be a string', { eo: {} }],
    ['messages.en.sms must be a string', { en: { sms: '' } }],
    ['messages.en.sms must contain {code}.', { en: { sms: 'Hello {app}' } }],
    ['messages.en.subject must not contain {code}', { en: { subject: '{code} for {app}' } }],
    ['messages.en.subject must be one line.', { en: { subject: 'Code\r\nBcc: x' } }],
    [
      'messages.en.validity must not contain placeholders other than',
      { en: { validity: '{minute} min' } },
    ],
    ['messages.en has no option html; it takes sms', { en: { html: '<p>' } }],
  ])('%s', (sentence, messages) => {
    expect(() => resolveMessages({ messages } as MessagesOptions)).toThrow(TypeError);
    expect(() => resolveMessages({ messages } as MessagesOptions)).toThrow(sentence);
  });
});
