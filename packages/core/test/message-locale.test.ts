import { cookieOf, type Header } from '@otp/testing';
import { email, type ScenarioOptions, setUp } from '@otp/testing/internal';
import { expect, it } from 'vitest';
import type { OtpMessage } from '../src/lib/ports.js';

const RECIPIENT = email('somebody@example.org');
const INTERVAL_SECONDS = 30;

/** Creates, then retries, in the languages given; returns the messages of the sender. */
async function messagesFor(
  { create, retry }: { create?: string; retry?: string },
  options: Omit<ScenarioOptions, 'channels'> & { channel?: object } = {},
): Promise<OtpMessage[]> {
  const messages: OtpMessage[] = [];
  const { channel, ...rest } = options;
  const sender = {
    async send(message: OtpMessage) {
      messages.push(message);
    },
  };
  const kit = setUp({ ...rest, channels: { email: { sender, ...channel } } });
  const headers = (language?: string): Header[] =>
    language === undefined ? [] : [['accept-language', language]];
  const created = await kit.create(RECIPIENT, { headers: headers(create) });
  expect(created.status).toBe(204);
  kit.clock.advance(INTERVAL_SECONDS);
  const again = await kit.retry(cookieOf(created), { headers: headers(retry) });
  expect(again.status).toBe(204);
  return messages;
}

const localesOf = (messages: readonly OtpMessage[]) => messages.map(({ locale }) => locale);

it('writes in the language of the request', async () => {
  const [message] = await messagesFor({ create: 'eo, fr-CA;q=0.8, de;q=0.5' });
  expect(message).toMatchObject({ locale: 'fr', content: { subject: 'Votre code pour app' } });
});

it('writes in English when the request names no language that has a template', async () => {
  expect(localesOf(await messagesFor({}))).toEqual(['en', 'en']);
  expect(localesOf(await messagesFor({ create: 'tlh' }))).toEqual(['en', 'en']);
});

it('keeps the language of the create for a retry in another language', async () => {
  expect(localesOf(await messagesFor({ create: 'ja', retry: 'de' }))).toEqual(['ja', 'ja']);
});

it('prefers the configured language to that of the request', async () => {
  const [message] = await messagesFor({ create: 'fr' }, { channel: { locale: 'de-ch' } });
  expect(message?.locale).toBe('de-CH');
  expect(message?.content.subject).toBe('Ihr Code für app');
});

it('uses the languages that the host adds and the fields that it replaces', async () => {
  const sv = {
    sms: '{code} är din kod för {app}.',
    subject: 'Din kod för {app}',
    validity: 'Den gäller i {minutes} min.',
    warning: 'Dela den inte.',
  };
  const messages = { sv, en: { subject: '{app}: your code' } };
  const [swedish] = await messagesFor({ create: 'sv-SE' }, { messages });
  expect(swedish).toMatchObject({ locale: 'sv', content: { subject: 'Din kod för app' } });
  const [english] = await messagesFor({ create: 'en-GB' }, { messages });
  expect(english?.content.subject).toBe('app: your code');
  expect(english?.content.text).toContain('It is valid for 10 min.');
});

it('passes the language to a message function', async () => {
  const message = ({ code, locale }: { code: string; locale: string }) => ({
    text: `${locale} ${code}`,
  });
  const [own] = await messagesFor({ create: 'it' }, { channel: { message } });
  expect(own?.content).toEqual({ text: `it ${own?.code}` });
});
