import type { OtpServiceOptions } from '../options.js';
import { assertObject, assertText } from '../util/assert-option.js';
import { assertKnownOptions, type OptionNames } from '../util/known-options.js';
import { GAPS } from './fill.js';
import { MESSAGE_TEMPLATES, type MessageTemplate } from './message-templates.js';
import { createMessages, type Messages } from './messages.js';

type MessagesOptions = Pick<OtpServiceOptions, 'messages' | 'domain'>;

/** The host's templates over those that come with the library. */
export function resolveMessages(
  { messages = {}, domain }: MessagesOptions,
  appName: string,
): Messages {
  if (domain !== undefined) assertDomain(domain);
  assertObject(messages, 'messages');
  const templates = new Map(Object.entries(MESSAGE_TEMPLATES));
  for (const [key, own] of Object.entries(messages)) {
    const field = `messages.${key.slice(0, 64)}`;
    const tag = toLocale(key, field);
    assertObject(own, field);
    templates.set(tag, toTemplate({ ...templates.get(tag), ...own }, field));
  }
  return createMessages({ templates, appName, domain });
}

/** The canonical form of a language tag. @throws TypeError when it is none. */
export function toLocale(value: unknown, field: string): string {
  assertText(value, field);
  try {
    const [tag] = Intl.getCanonicalLocales(value);
    if (tag !== undefined) return tag;
  } catch {
    // Not well-formed: the sentence below says what would be.
  }
  throw new TypeError(`${field} must be a language tag (BCP 47), like 'en' or 'pt-BR'.`);
}

// Stryker disable BooleanLiteral: only the names are read, and the compiler takes nothing but true.
const TEMPLATE_FIELDS: OptionNames<MessageTemplate> = {
  sms: true,
  subject: true,
  validity: true,
  warning: true,
};
// Stryker restore BooleanLiteral

function toTemplate(given: Partial<MessageTemplate>, field: string): MessageTemplate {
  assertKnownOptions(given, TEMPLATE_FIELDS, field);
  const { sms, subject, validity, warning } = given;
  assertWords(sms, `${field}.sms`);
  assertWords(subject, `${field}.subject`);
  assertWords(validity, `${field}.validity`);
  assertWords(warning, `${field}.warning`);
  if (!sms.includes('{code}')) throw new TypeError(`${field}.sms must hold {code}.`);
  for (const [name, text] of Object.entries({ subject, validity, warning })) {
    if (text.includes('{code}')) {
      throw new TypeError(`${field}.${name} must not hold {code}: an e-mail shows it on its own.`);
    }
  }
  return { sms, subject, validity, warning };
}

function assertWords(value: unknown, field: string): asserts value is string {
  assertText(value, field);
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)) throw new TypeError(`${field} must be one line.`);
  for (const [, gap = ''] of value.matchAll(/\{([^{}]*)\}/g)) {
    if (!GAPS.some((each) => each === gap)) {
      const known = GAPS.map((each) => `{${each}}`).join(', ');
      throw new TypeError(`${field} must hold no other gap than ${known}.`);
    }
  }
}

/** A host as an origin has it: no scheme, no port, lower case, Punycode. */
function assertDomain(domain: unknown): asserts domain is string {
  const isHost =
    typeof domain === 'string' &&
    /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/.test(
      domain,
    ) &&
    URL.canParse(`https://${domain}`) &&
    new URL(`https://${domain}`).hostname === domain;
  if (!isHost) {
    throw new TypeError(
      "domain must be the host of the pages that ask for codes, like 'app.example.com': lower case, no scheme, no port.",
    );
  }
}
