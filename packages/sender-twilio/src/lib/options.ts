import type { OtpMessage } from '@otp/core';
import { fn, optionsOf, parseOptions, text } from '@otp/core/adapter';
import * as v from 'valibot';

/** The account of Twilio, and who sends. */
export interface TwilioSenderOptions {
  /** SID of the account: `AC` and 32 hexadecimal digits. */
  readonly accountSid: string;
  /** Credentials: an API key, which can be revoked by itself, or the auth token of the account. */
  readonly auth: TwilioApiKey | TwilioAuthToken;
  /**
   * A number in E.164 form, a short code, an alphanumeric sender id, or the SID of a messaging service (`MG…`). With
   * `whatsappTemplate` a number or a messaging service: WhatsApp has no other senders.
   */
  readonly from: string;
  /** The approved template for WhatsApp. @default none: WhatsApp is `unavailable` */
  readonly whatsappTemplate?: TwilioTemplate;
  /** URL of the API, for another region or a test. @default 'https://api.twilio.com' */
  readonly baseUrl?: string;
  /** @default globalThis.fetch */
  readonly fetch?: typeof globalThis.fetch;
}

/** An API key of an account. */
export interface TwilioApiKey {
  /** `SK` and 32 hexadecimal digits. */
  readonly apiKeySid: string;
  readonly apiKeySecret: string;
}

/** The credentials of a whole account. */
export interface TwilioAuthToken {
  readonly authToken: string;
}

/** A template of Twilio's Content API. WhatsApp lets a business start a conversation with an approved template only. */
export interface TwilioTemplate {
  /** `HX` and 32 hexadecimal digits. */
  readonly contentSid: string;
  /** Returns the variables of the template, such as `{ 1: code }`. @default the code as variable 1 */
  readonly variables?: TemplateVariables;
}

type TemplateVariables = (message: OtpMessage) => Readonly<Record<string, string>>;

const NUMBER = /^\+[1-9][0-9]{6,14}$/;
const SHORT_CODE = /^[0-9]{3,8}$/;
const MESSAGING_SERVICE = /^MG[0-9a-f]{32}$/;
/** https://www.twilio.com/docs/messaging/api/alphasender-resource */
const SENDER_ID = /^(?=.*[A-Za-z])[A-Za-z0-9 +_&-]{1,11}$/;

const sid = (prefix: string) =>
  v.custom<string>(
    (value) => typeof value === 'string' && new RegExp(`^${prefix}[0-9a-f]{32}$`).test(value),
    `must be '${prefix}' and 32 hexadecimal digits`,
  );

const auth = v.union(
  [
    optionsOf<TwilioApiKey>()({ apiKeySid: sid('SK'), apiKeySecret: text() }),
    optionsOf<TwilioAuthToken>()({ authToken: text() }),
  ],
  "must be { apiKeySid: 'SK…', apiKeySecret } or { authToken }",
);

const oneOfForms = (forms: readonly RegExp[], rule: string) =>
  v.custom<string>(
    (value) => typeof value === 'string' && forms.some((form) => form.test(value)),
    rule,
  );

const from = oneOfForms(
  [NUMBER, SHORT_CODE, SENDER_ID, MESSAGING_SERVICE],
  "must be a number in E.164 form without 'whatsapp:', a short code, a sender id of 1 to 11 letters, digits, spaces and + - _ & with at least one letter, or a messaging service ('MG…')",
);

const whatsappFrom = oneOfForms(
  [NUMBER, MESSAGING_SERVICE],
  "must be a number in E.164 form or a messaging service ('MG…') if whatsappTemplate is set; for SMS from a short code or sender id, create a second sender without it",
);

const apiUrl = v.custom<string>(isHttpsUrl, "must be an https URL, like 'https://api.twilio.com'");

const codeAlone: TemplateVariables = ({ code }) => ({ 1: code });

const schema = optionsOf<TwilioSenderOptions>()({
  accountSid: sid('AC'),
  auth,
  from,
  whatsappTemplate: v.optional(
    optionsOf<TwilioTemplate>()({
      contentSid: sid('HX'),
      variables: v.optional(fn<TemplateVariables>(), () => codeAlone),
    }),
  ),
  baseUrl: v.optional(apiUrl, 'https://api.twilio.com'),
  fetch: v.optional(fn<typeof globalThis.fetch>(), () => globalThis.fetch),
});

export type TwilioSenderConfig = v.InferOutput<typeof schema>;

/** @throws TypeError that names the option and says what to write */
export function resolveOptions(options: TwilioSenderOptions): TwilioSenderConfig {
  const config = parseOptions(schema, options, 'createTwilioSender()');
  if (config.whatsappTemplate !== undefined) parseOptions(whatsappFrom, config.from, 'from');
  return config;
}

export function isMessagingService(from: string): boolean {
  return MESSAGING_SERVICE.test(from);
}

/** Plain http only to this machine, for tests. */
function isHttpsUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return protocol === 'https:' || (protocol === 'http:' && hostname === '127.0.0.1');
}
