import type { MessageInput } from '../config.js';
import type { Channel, MessageContent } from '../ports.js';
import { type Locales, lookupLocale } from './accept-language.js';
import { emailHtml, escapeHtml } from './email-html.js';
import { createFill, type Fill } from './fill.js';
import { DEFAULT_LOCALE, type MessageTemplate } from './message-templates.js';

type WriteMessage = (input: MessageInput) => MessageContent;

/** The messages of a service: which languages there are, and what writes them for each channel. */
export interface Messages {
  readonly locales: Locales;
  readonly write: Readonly<Record<Channel, WriteMessage>>;
}

export interface MessagesContext {
  readonly templates: ReadonlyMap<string, MessageTemplate>;
  readonly appName: string;
  /** The host that an SMS binds its code to. */
  readonly domain: string | undefined;
}

export function createMessages({ templates, appName, domain }: MessagesContext): Messages {
  const locales = new Map([...templates.keys()].map((tag) => [tag.toLowerCase(), tag]));
  const inLocale = (prepare: Prepare) => writeInLocale({ templates, locales }, prepare);
  return {
    locales,
    write: {
      sms: inLocale(({ sms }) => smsWriter(createFill(sms, appName), domain)),
      whatsapp: inLocale(({ sms }) => textWriter(createFill(sms, appName))),
      email: inLocale((template, locale) => emailWriter(template, locale, appName)),
    },
  };
}

type Prepare = (template: MessageTemplate, locale: string) => WriteMessage;

/** Prepares each language upon its first use: most processes write in a few only. */
function writeInLocale(
  { templates, locales }: Pick<MessagesContext, 'templates'> & Pick<Messages, 'locales'>,
  prepare: Prepare,
): WriteMessage {
  const prepared = new Map<string, WriteMessage>();
  return (input) => {
    // One that was sealed before its template went away gets the default.
    const tag = lookupLocale(input.locale, locales) ?? DEFAULT_LOCALE;
    const template = templates.get(tag);
    if (template === undefined) throw new Error(`there are no words for ${tag}`);
    const write = prepared.get(tag) ?? prepare(template, tag);
    prepared.set(tag, write);
    return write(input);
  };
}

function textWriter(fill: Fill): WriteMessage {
  return (input) => ({ text: fill(input) });
}

/** The last line lets a phone offer the code on that host's pages alone (WICG, sms-one-time-codes, 3). */
function smsWriter(fill: Fill, domain: string | undefined): WriteMessage {
  if (domain === undefined) return textWriter(fill);
  return (input) => ({ text: `${fill(input)}\n\n@${domain} #${input.code}` });
}

function emailWriter(template: MessageTemplate, locale: string, appName: string): WriteMessage {
  const { subject, validity, warning } = template;
  const heading = createFill(subject, appName);
  const text = createFill(`${subject}\n\n{code}\n\n${validity}\n${warning}\n`, appName);
  const html = createFill(emailHtml(locale, template), escapeHtml(appName));
  return (input) => ({ subject: heading(input), text: text(input), html: html(input) });
}
