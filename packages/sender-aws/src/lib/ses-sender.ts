import { SendEmailCommand, type SendEmailCommandOutput } from '@aws-sdk/client-sesv2';
import { SendError, type Sender } from '@otp/core';
import { assertInTime, toSendError } from './aws-errors.js';

/** What is used of `SESv2Client`. */
export interface SesClient {
  send(
    command: SendEmailCommand,
    options: { abortSignal: AbortSignal },
  ): Promise<SendEmailCommandOutput>;
}

export interface SesSenderOptions {
  /** An `SESv2Client` with `maxAttempts: 1`: SES has no idempotency key, so a repeat is a second message. */
  readonly client: SesClient;
  /** A verified identity, like `Example <no-reply@example.com>`. */
  readonly from: string;
  /** @default nowhere else than `from` */
  readonly replyTo?: string;
  /** Where SES reports bounces and complaints. @default the identity's own */
  readonly configurationSet?: string;
}

/**
 * SES is well, but five clients could shut it off for all. Both can also mean that `from` or the role is wrong: then
 * nothing is lost by asking again.
 */
const NOT_SERVED = [
  'MessageRejected', // in the sandbox: the address is not verified
  'AccessDeniedException', // the role is asked about an address that is an identity of the account too, and by `ses:Recipients`
];

/**
 * Sends e-mail through Amazon SES, API version 2. Rejects with a `SendError`: `rejected` for an address that
 * SES does not take, `unavailable` when SES has refused or cannot be reached, `unknown` when the answer was
 * lost. An address that bounces later is known to SES alone: its suppression list keeps it from a repeat.
 */
export function createSesSender(options: SesSenderOptions): Sender {
  const { client, from, replyTo, configurationSet } = options ?? {};
  if (typeof client?.send !== 'function') throw new TypeError('client must be an SESv2Client.');
  assertAddress(from, 'from');
  if (replyTo !== undefined) assertAddress(replyTo, 'replyTo');
  return {
    async send({ channel, to, content, signal }) {
      if (channel !== 'email') {
        throw new SendError('unavailable', 'SES carries e-mail only.', { countsForBreaker: false });
      }
      assertInTime(signal);
      const command = new SendEmailCommand({
        FromEmailAddress: from,
        ...(replyTo === undefined ? {} : { ReplyToAddresses: [replyTo] }),
        Destination: { ToAddresses: [to] },
        Content: {
          Simple: {
            Subject: utf8(content.subject ?? ''),
            Body: {
              Text: utf8(content.text),
              ...(content.html === undefined ? {} : { Html: utf8(content.html) }),
            },
            // RFC 3834: keeps out-of-office replies away.
            Headers: [{ Name: 'Auto-Submitted', Value: 'auto-generated' }],
          },
        },
        ...(configurationSet === undefined ? {} : { ConfigurationSetName: configurationSet }),
      });
      try {
        await client.send(command, { abortSignal: signal });
      } catch (error) {
        const rejections = ['BadRequestException'];
        throw toSendError(error, { service: 'SES', rejections, notServed: NOT_SERVED });
      }
    },
  };
}

function utf8(Data: string) {
  return { Data, Charset: 'UTF-8' };
}

function assertAddress(value: unknown, field: string): void {
  if (
    typeof value !== 'string' ||
    !/^(?:[^<>\r\n]*<[^<>@\s,;]+@[^<>@\s,;]+>|[^<>@\s,;]+@[^<>@\s,;]+)$/.test(value)
  ) {
    throw new TypeError(`${field} must hold one address, like 'Example <no-reply@example.com>'.`);
  }
}
