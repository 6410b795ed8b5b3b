import { describe, expect, it } from 'vitest';
import { resolveMessages } from './resolve-messages.js';

const label = 'a'.repeat(63);
/** 253 characters, as long as a host may be. */
const LONGEST = `${`${label}.`.repeat(3)}${'a'.repeat(61)}`;

describe('resolveMessages', () => {
  it.each(['app.example.com', 'localhost', 'a.b', '1a.example', 'a-1.example', label, LONGEST])(
    'takes the domain %s as it is written',
    (domain) => {
      const { write } = resolveMessages({ domain }, 'Shop');
      const { text } = write.sms({ code: '123456', appName: 'Shop', locale: 'en', minutes: 10 });
      expect(text.split('\n').at(-1)).toBe(`@${domain} #123456`);
    },
  );

  it.each([`${label}a`, `a.${label}a`, `a${LONGEST}`, 'a-.example', 'a..b'])(
    'refuses the domain %s',
    (domain) => {
      expect(() => resolveMessages({ domain }, 'Shop')).toThrow(/^domain must be the host/);
    },
  );

  it('names what it does not know, cut short, and what it takes', () => {
    const messages = { en: { ['x'.repeat(65)]: '' } };
    expect(() => resolveMessages({ messages }, 'Shop')).toThrow(
      `messages.en has no option ${'x'.repeat(64)}; it takes sms, subject, validity, warning.`,
    );
    const long = { ['x'.repeat(65)]: {} };
    expect(() => resolveMessages({ messages: long }, 'Shop')).toThrow(
      `messages.${'x'.repeat(64)} must be a language tag`,
    );
  });

  it.each(['\n', '\r', '\u0085', '\u2028', '\u2029'])(
    'takes words of one line alone, not with %j',
    (end) => {
      for (const name of ['sms', 'subject', 'validity', 'warning']) {
        const messages = { en: { [name]: `{code}${end}x` } };
        expect(() => resolveMessages({ messages }, 'Shop')).toThrow(
          `messages.en.${name} must be one line.`,
        );
      }
    },
  );

  it('names the gaps that there are', () => {
    const messages = { en: { sms: '{code} {name}' } };
    expect(() => resolveMessages({ messages }, 'Shop')).toThrow(
      /^messages\.en\.sms must hold no other gap than \{\w+\}(?:, \{\w+\})+\.$/,
    );
  });
});
