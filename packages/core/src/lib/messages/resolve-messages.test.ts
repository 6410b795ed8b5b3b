import { describe, expect, it } from 'vitest';
import { resolveMessages } from './resolve-messages.js';

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

  it.each([`${label}a`, `a.${label}a`, `a${LONGEST}`, 'a-.example', 'a..b'])(
    'refuses the domain %s',
    (domain) => {
      expect(() => resolveMessages({ domain })).toThrow(/^domain must be the host/);
    },
  );

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
