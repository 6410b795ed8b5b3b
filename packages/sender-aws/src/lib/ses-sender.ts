import { SendEmailCommand, type SendEmailCommandOutput } from '@aws-sdk/client-sesv2';
import type { Sender } from '@otp/core';
import {
  assertSendable,
  instance,
  namedAddress,
  optionsOf,
  parseOptions,
  text,
} from '@otp/core/adapter';
import * as v from 'valibot';
import { toAddressField } from './address-field.js';
import type { AwsService } from './aws-errors.js';
import { closingConnection, sendCommand } from './send-command.js';

/** The part of `SESv2Client` that the sender uses. */
export interface SesClient {
  send(
    command: SendEmailCommand,
    options: { abortSignal: AbortSignal },
  ): Promise<SendEmailCommandOutput>;
}

/** The client of SES, and who sends. */
export interface SesSenderOptions {
  /** An `SESv2Client` with `maxAttempts: 1`: SES has no idempotency key, so a repeat is a second message. */
  readonly client: SesClient;
  /** A verified identity: one address, such as `Example <no-reply@example.com>`. */
  readonly from: string;
  /** The address that replies go to, in the same form. @default none: replies go to `from` */
  readonly replyTo?: string;
  /** The configuration set through which SES reports bounces and complaints. @default that of the identity */
  readonly configurationSet?: string;
}

const schema = optionsOf<SesSenderOptions>()({
  client: instance<SesClient>(['send'], 'must be an SESv2Client'),
  from: namedAddress(),
  replyTo: v.optional(namedAddress()),
  configurationSet: v.optional(text()),
});

const SES: AwsService = {
  service: 'SES',
  rejections: ['BadRequestException'],
  // These do not count for the breaker: otherwise five clients could switch SES off for everybody. They can also mean that
  // `from` or the role is wrong; then asking again costs nothing.
  notServed: [
    'MessageRejected', // in the sandbox: the address is not verified
    'AccessDeniedException', // the role may not send to this address: it is an identity of the account, or not in `ses:Recipients`
  ],
};

/**
 * Creates a sender for e-mail through Amazon SES, API version 2.
 *
 * `send` rejects with a `SendError`: `rejected` for an address that SES does not accept, `unavailable` if SES refuses the
 * message or cannot be reached, `unknown` if the answer was lost. SES learns later that an address bounces: turn its
 * suppression list on.
 *
 * @param options the client and the addresses; see {@link SesSenderOptions}
 * @returns a sender for the channel `email`
 * @throws TypeError for an option that is missing, unknown or wrong
 * @example
 * const client = new SESv2Client({ maxAttempts: 1 });
 * const sender = createSesSender({ client, from: 'Shop <no-reply@example.com>' });
 */
export function createSesSender(options: SesSenderOptions): Sender {
  const { client, configurationSet, ...addresses } = parseOptions(
    schema,
    options,
    'createSesSender()',
  );
  const from = toAddressField(addresses.from);
  const replyTo = addresses.replyTo && toAddressField(addresses.replyTo);
  return {
    async send(message) {
      assertSendable(message, ['email'], 'SES');
      const { to, content } = message;
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
            // RFC 3834: prevents out-of-office replies.
            Headers: [{ Name: 'Auto-Submitted', Value: 'auto-generated' }],
          },
        },
        ...(configurationSet === undefined ? {} : { ConfigurationSetName: configurationSet }),
      });
      command.middlewareStack.add(closingConnection, { step: 'build' });
      await sendCommand(client, command, { service: SES, message });
    },
  };
}

function utf8(Data: string) {
  return { Data, Charset: 'UTF-8' };
}
