import { parseOriginBoundCode } from '@otp/test/oracles/origin-bound-code';
import { describe, expect, it } from 'vitest';
import { CHANNELS } from '../ports.js';
import { MESSAGE_TEMPLATES, type MessageTemplate } from './message-templates.js';
import { createMessages, type MessageInput, type MessagesContext } from './messages.js';
import { countSmsSegments } from './sms-segments.js';

const APP = 'Twenty letters is it';
const DOMAIN = 'app.example.com';
const LOCALES = Object.keys(MESSAGE_TEMPLATES);
const TEMPLATES = new Map<string, MessageTemplate>(Object.entries(MESSAGE_TEMPLATES));

function messages(change: Partial<MessagesContext> = {}) {
  return createMessages({ templates: TEMPLATES, domain: DOMAIN, ...change });
}

function input(change: Partial<MessageInput> = {}): MessageInput {
  return { code: '024680', appName: APP, locale: 'en', minutes: 10, ...change };
}

describe.each(LOCALES)('the messages in %s', (locale) => {
  const { write } = messages();
  const email = write.email(input({ locale }));

  it.each(CHANNELS)('contain code, minutes and app name: %s', (channel) => {
    const { text } = write[channel](input({ locale, minutes: 7 }));
    for (const part of ['024680', '7', APP]) expect(text).toContain(part);
    expect(text).not.toMatch(/[{}]|undefined/);
  });

  it('fit into one SMS segment and end with the origin-bound line', () => {
    const { text } = write.sms(input({ locale }));
    expect(APP).toHaveLength(20);
    expect(countSmsSegments(text)).toMatchObject({ segments: 1 });
    expect(parseOriginBoundCode(text)).toEqual({ host: DOMAIN, embedded: null, code: '024680' });
    expect(text).toContain('\n\n@');
  });

  it('have no origin-bound line in WhatsApp or without a domain', () => {
    const { text } = messages({ domain: undefined }).write.sms(input({ locale }));
    expect(parseOriginBoundCode(text)).toBeUndefined();
    expect(write.whatsapp(input({ locale }))).toEqual({ text });
  });

  it('have a subject with the app name and without the code', () => {
    expect(email.subject).toContain(APP);
    expect(email.subject).not.toContain('024680');
    expect(email.subject).not.toMatch(/[\r\n]/);
  });

  it('have HTML in the direction of the language, with the code once and from left to right', () => {
    const { html = '' } = email;
    const direction = locale === 'ar' ? 'rtl' : 'ltr';
    expect(html).toContain(`<html lang="${locale}" dir="${direction}">`);
    expect(html.split('024680')).toHaveLength(2);
    expect(html).toMatch(/<p dir="ltr" [^>]*>024680<\/p>/);
    expect(html).toContain('10');
    expect(html).toContain(`<bdi>${APP}</bdi>`);
    expect(Buffer.byteLength(html)).toBeLessThan(4096);
  });

  it('contain no link, no image and no script', () => {
    expect(email.html).not.toMatch(/<(?:a|img|link|script|form|iframe)\b|https?:|url\(|@import/i);
  });
});

describe('createMessages', () => {
  it('escapes the app name in HTML only', () => {
    const appName = `<b>"A" & 'B'</b> {code} $& {minutes}`;
    const { write } = messages();
    const { html, subject, text } = write.email(input({ appName }));
    const escaped = '&lt;b&gt;&quot;A&quot; &amp; &#39;B&#39;&lt;/b&gt; {code} $&amp; {minutes}';
    expect(html).toContain(`Your <bdi>${escaped}</bdi> code</h1>`);
    expect(html).not.toContain('<b>');
    expect(subject).toBe(`Your ${appName} code`);
    expect(text).toContain(appName);
    expect(write.sms(input({ appName })).text).toContain(appName);
  });

  it('escapes templates in HTML', () => {
    const template = { ...MESSAGE_TEMPLATES.en, warning: '<script>1 & 2</script>' };
    const templates = new Map([['en', template as MessageTemplate]]);
    const { html } = messages({ templates }).write.email(input());
    expect(html).toContain('&lt;script&gt;1 &amp; 2&lt;/script&gt;');
  });

  it.each([
    ['de-CH', 'ist Ihr Code'],
    ['PT-br', 'Use 024680'],
    ['eo', 'is your'],
    ['', 'is your'],
  ])('writes %j in the nearest language, or in English', (locale, words) => {
    expect(messages().write.sms(input({ locale })).text).toContain(words);
  });
});
