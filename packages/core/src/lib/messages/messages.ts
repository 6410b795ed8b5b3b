import type { Channel, MessageContent } from '../ports.js';
import { type Locales, lookupLocale } from './accept-language.js';
import { emailHtml, escapeHtml } from './email-html.js';
import {
  DEFAULT_LOCALE,
  fillTemplate,
  MESSAGE_TEMPLATES,
  type MessageTemplate,
} from './message-templates.js';

/** The values that a message is written from. */
export interface MessageInput {
  readonly code: string;
  readonly appName: string;
  /** BCP 47. */
  readonly locale: string;
  /** Full minutes that the code is still valid for, at least 1. */
  readonly minutes: number;
}

export type WriteMessage = (input: MessageInput) => MessageContent;

/** The messages of a service. */
export interface Messages {
  /** The languages that have a template. */
  readonly locales: Locales;
  readonly write: Readonly<Record<Channel, WriteMessage>>;
}

export interface MessagesContext {
  /** By BCP 47 tag in canonical form. */
  readonly templates: ReadonlyMap<string, MessageTemplate>;
  /** The host that codes in SMS are bound to. */
  readonly domain: string | undefined;
}

export function createMessages({ templates, domain }: MessagesContext): Messages {
  const locales = new Map([...templates.keys()].map((tag) => [tag.toLowerCase(), tag]));
  const inLocale =
    (write: (input: MessageInput, template: MessageTemplate) => MessageContent): WriteMessage =>
    (input) => {
      // The template of a sealed locale may be gone by now.
      const locale = lookupLocale(input.locale, locales) ?? DEFAULT_LOCALE;
      return write({ ...input, locale }, templates.get(locale) ?? MESSAGE_TEMPLATES.en);
    };
  return {
    locales,
    write: {
      sms: inLocale((input, { sms }) => ({ text: bindToOrigin(fill(sms, input), input, domain) })),
      whatsapp: inLocale((input, { sms }) => ({ text: fill(sms, input) })),
      email: inLocale(writeEmail),
    },
  };
}

function fill(template: string, { appName, code, minutes }: MessageInput): string {
  return fillTemplate(template, { app: appName, code, minutes: String(minutes) });
}

/** Phones offer the code only on pages of the host in the last line (WICG, sms-one-time-codes, 3). */
function bindToOrigin(text: string, { code }: MessageInput, domain: string | undefined): string {
  return domain === undefined ? text : `${text}\n\n@${domain} #${code}`;
}

function writeEmail(input: MessageInput, template: MessageTemplate): MessageContent {
  const { subject, validity, warning } = template;
  return {
    subject: fill(subject, input),
    text: fill(`${subject}\n\n{code}\n\n${validity}\n${warning}\n`, input),
    html: fill(emailHtml(input.locale, template), { ...input, appName: escapeHtml(input.appName) }),
  };
}
