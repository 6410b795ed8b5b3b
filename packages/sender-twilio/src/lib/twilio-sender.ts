import { type OtpMessage, SendError, type Sender } from '@otp/core';
import { assertOptions } from './assert-options.js';
import { refusalOf, unansweredOf } from './twilio-errors.js';

/** A template of Twilio's Content API: WhatsApp lets a business begin with an approved one only. */
export interface TwilioTemplate {
  /** `HX` and 32 hexadecimal digits. */
  readonly contentSid: string;
  /** The template's variables, like `{ 1: code }`. @default the code as variable 1 */
  readonly variables?: (message: OtpMessage) => Readonly<Record<string, string>>;
}

export interface TwilioSenderOptions {
  /** `AC` and 32 hexadecimal digits. */
  readonly accountSid: string;
  /** What signs in: the account's own token, or, better, an API key that can be revoked alone. */
  readonly auth:
    | { readonly authToken: string }
    | { readonly apiKeySid: string; readonly apiKeySecret: string };
  /** A number of yours in E.164 form, an alphanumeric sender id, or the SID of a messaging service (`MG…`). */
  readonly from: string;
  /** Required for WhatsApp; SMS sends the text itself. */
  readonly whatsappTemplate?: TwilioTemplate;
  /** The API, for another region or a test. @default 'https://api.twilio.com' */
  readonly baseUrl?: string;
  /** @default globalThis.fetch */
  readonly fetch?: typeof globalThis.fetch;
}

/**
 * Sends SMS and WhatsApp through Twilio's Messages API. Rejects with a `SendError`: `rejected` for a number
 * that cannot get messages or has opted out, `unavailable` when Twilio has refused or cannot be reached,
 * `unknown` when the answer was lost. Twilio takes no idempotency key.
 */
export function createTwilioSender(options: TwilioSenderOptions): Sender {
  assertOptions(options);
  const {
    accountSid,
    auth,
    baseUrl = 'https://api.twilio.com',
    fetch = globalThis.fetch,
  } = options;
  const url = new URL(`/2010-04-01/Accounts/${accountSid}/Messages.json`, baseUrl);
  const headers = { authorization: `Basic ${credentials(accountSid, auth)}` };
  return {
    async send(message) {
      const body = toForm(message, options);
      const { signal } = message;
      if (signal.aborted) {
        throw new SendError('unavailable', 'The time was up before the send began.');
      }
      let response: Response;
      try {
        // A redirect would take the code and the credentials to whoever it names.
        response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
      } catch (error) {
        throw unansweredOf(error);
      }
      if (response.ok) await response.body?.cancel().catch(() => {});
      else throw await refusalOf(response);
    },
  };
}

function credentials(accountSid: string, auth: TwilioSenderOptions['auth']): string {
  const pair =
    'authToken' in auth ? [accountSid, auth.authToken] : [auth.apiKeySid, auth.apiKeySecret];
  return Buffer.from(pair.join(':')).toString('base64');
}

/** No sign that Twilio is down: SMS may go through the same sender. */
function notServed(text: string): SendError {
  return new SendError('unavailable', text, { countsForBreaker: false });
}

const MAX_VALIDITY_SECONDS = 36_000;

/** https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource */
function toForm(message: OtpMessage, options: TwilioSenderOptions): URLSearchParams {
  const { channel, to, content, expiresAt } = message;
  if (channel === 'email') throw notServed('Twilio carries SMS and WhatsApp only.');
  const prefix = channel === 'whatsapp' ? 'whatsapp:' : '';
  const form = new URLSearchParams({ To: prefix + to });
  if (options.from.startsWith('MG')) form.set('MessagingServiceSid', options.from);
  else form.set('From', prefix + options.from);
  // A code that waits in Twilio's queue for longer than it lives is not worth sending.
  const seconds = Math.floor((expiresAt.getTime() - Date.now()) / 1000);
  form.set('ValidityPeriod', String(Math.min(Math.max(1, seconds), MAX_VALIDITY_SECONDS)));
  if (channel === 'sms') form.set('Body', content.text);
  else setTemplate(form, message, options.whatsappTemplate);
  return form;
}

function setTemplate(form: URLSearchParams, message: OtpMessage, template?: TwilioTemplate): void {
  if (template === undefined) {
    throw notServed('WhatsApp needs whatsappTemplate: an approved template.');
  }
  const { contentSid, variables = ({ code }) => ({ 1: code }) } = template;
  form.set('ContentSid', contentSid);
  form.set('ContentVariables', JSON.stringify(variables(message)));
}
