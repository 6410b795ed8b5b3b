import { type OtpMessage, SendError, type Sender } from '@otp/core';
import { assertSendable } from '@otp/core/adapter';
import {
  isMessagingService,
  resolveOptions,
  type TwilioSenderConfig,
  type TwilioSenderOptions,
} from './options.js';
import { toNetworkError, toRefusal } from './twilio-errors.js';

/**
 * Creates a sender for SMS and WhatsApp over Twilio's Messages API.
 *
 * `send` rejects with a `SendError`: `rejected` for a number that cannot receive messages or has opted out, `unavailable`
 * if Twilio refuses the message or cannot be reached, `unknown` if the answer was lost. Twilio has no idempotency key.
 *
 * @param options the account and the number to send from; see {@link TwilioSenderOptions}
 * @returns a sender for the channel `sms`, and for `whatsapp` if there is a template
 * @throws TypeError for an option that is missing, unknown or wrong
 * @example
 * const sender = createTwilioSender({
 *   accountSid: 'AC…',
 *   auth: { apiKeySid: 'SK…', apiKeySecret },
 *   from: '+12065550100',
 * });
 */
export function createTwilioSender(options: TwilioSenderOptions): Sender {
  const config = resolveOptions(options);
  const { accountSid, baseUrl, fetch } = config;
  const url = new URL(`/2010-04-01/Accounts/${accountSid}/Messages.json`, baseUrl);
  // A connection that is kept open may die while it is idle, and the next message with it.
  const headers = { authorization: `Basic ${toCredentials(config)}`, connection: 'close' };
  return {
    async send(message) {
      assertSendable(message, ['sms', 'whatsapp'], 'Twilio');
      const body = toForm(message, config);
      const { signal } = message;
      let response: Response;
      try {
        // A redirect would send the code and the credentials to another host.
        response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
      } catch (error) {
        throw toNetworkError(error);
      }
      if (response.ok) await response.body?.cancel().catch(() => {});
      else throw await toRefusal(response);
    },
  };
}

function toCredentials({ accountSid, auth }: TwilioSenderConfig): string {
  const pair =
    'authToken' in auth ? [accountSid, auth.authToken] : [auth.apiKeySid, auth.apiKeySecret];
  return Buffer.from(pair.join(':')).toString('base64');
}

const MAX_VALIDITY_SECONDS = 36_000;

/** https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource */
function toForm(message: OtpMessage, config: TwilioSenderConfig): URLSearchParams {
  const { channel, to, content, expiresAt } = message;
  const { from, whatsappTemplate } = config;
  const prefix = channel === 'whatsapp' ? 'whatsapp:' : '';
  const form = new URLSearchParams({ To: prefix + to });
  if (isMessagingService(from)) form.set('MessagingServiceSid', from);
  else form.set('From', prefix + from);
  // Twilio drops a message that is still queued when its code has expired.
  const seconds = Math.floor((expiresAt.getTime() - Date.now()) / 1000);
  form.set('ValidityPeriod', String(Math.min(Math.max(1, seconds), MAX_VALIDITY_SECONDS)));
  if (channel === 'sms') form.set('Body', content.text);
  else setTemplate(form, message, whatsappTemplate);
  return form;
}

function setTemplate(
  form: URLSearchParams,
  message: OtpMessage,
  template: TwilioSenderConfig['whatsappTemplate'],
): void {
  if (template === undefined) {
    const text = 'WhatsApp needs the option whatsappTemplate: an approved template.';
    // SMS may work through the same sender.
    throw new SendError('unavailable', text, { countsForBreaker: false });
  }
  form.set('ContentSid', template.contentSid);
  const variables: unknown = template.variables(message);
  if (variables instanceof Promise) {
    // Unhandled, its rejection would end the process.
    variables.catch(() => {});
    throw new TypeError('whatsappTemplate.variables must return an object, no promise.');
  }
  form.set('ContentVariables', JSON.stringify(variables));
}
