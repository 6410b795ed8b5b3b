import * as v from 'valibot';
import { oneLine, optionsOf, parseOptions, record } from '../util/schema.js';
import { languageTag } from './language-tag.js';
import { MESSAGE_TEMPLATES, type MessageTemplate, PLACEHOLDERS } from './message-templates.js';
import { createMessages, type Messages } from './messages.js';

export interface MessagesOptions {
  /**
   * Templates by language (BCP 47), in addition to those of the library: a new language needs every field of
   * `MessageTemplate`, a language of the library only the fields that differ.
   * @default en, fr, de, es, pt, it, nl, ja and ar
   */
  readonly messages?: Readonly<Record<string, Partial<MessageTemplate>>>;
  /**
   * The host of the pages on which users enter codes, like `app.example.com`. An SMS then ends with `@host #code`, so
   * that phones offer the code on these pages only (WICG, origin-bound one-time codes). @default the host of the only
   * entry of `origins`, otherwise none
   */
  readonly domain?: string;
}

const NAMES = PLACEHOLDERS.map((name) => `{${name}}`).join(', ');

function hasKnownPlaceholders(words: string): boolean {
  const names = [...words.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name);
  return names.every((name) => PLACEHOLDERS.some((each) => each === name));
}

/** One line with no placeholder but ours. */
function line() {
  return v.pipe(
    oneLine(),
    v.check(hasKnownPlaceholders, `must not contain placeholders other than ${NAMES}`),
  );
}

function lineWithoutCode() {
  const rule = 'must not contain {code}: an e-mail shows the code by itself';
  return v.pipe(
    line(),
    v.check((words) => !words.includes('{code}'), rule),
  );
}

const TEMPLATE = optionsOf<MessageTemplate>()({
  sms: v.pipe(
    line(),
    v.check((words) => words.includes('{code}'), 'must contain {code}'),
  ),
  subject: lineWithoutCode(),
  validity: lineWithoutCode(),
  warning: lineWithoutCode(),
});

const OPTIONS = optionsOf<MessagesOptions>()({
  // Each template is checked with the fields that it inherits.
  messages: v.optional(
    record(
      languageTag(),
      v.looseObject({}, 'must be an object'),
      'must be an object of templates by language',
    ),
    {},
  ),
  domain: v.optional(
    v.custom<string>(
      isHost,
      "must be the host of the pages on which users enter codes, like 'app.example.com': lower case, no scheme, no port",
    ),
  ),
});

/** Checks the templates of the host and adds them to ours. */
export function resolveMessages({ messages, domain }: MessagesOptions): Messages {
  const parsed = parseOptions(OPTIONS, { messages, domain }, '');
  const templates = new Map<string, MessageTemplate>(Object.entries(MESSAGE_TEMPLATES));
  for (const [tag, template] of Object.entries(parsed.messages)) {
    const merged = { ...templates.get(tag), ...template };
    templates.set(tag, parseOptions(TEMPLATE, merged, `messages.${tag}`));
  }
  return createMessages({ templates, domain: parsed.domain });
}

const HOST =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** A host as in an origin: lower case and in Punycode. */
export function isHost(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    HOST.test(value) &&
    URL.canParse(`https://${value}`) &&
    new URL(`https://${value}`).hostname === value
  );
}
