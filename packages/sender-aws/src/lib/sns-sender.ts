import {
  type MessageAttributeValue,
  PublishCommand,
  type PublishCommandOutput,
} from '@aws-sdk/client-sns';
import type { Sender } from '@otp/core';
import { assertSendable, instance, optionsOf, parseOptions } from '@otp/core/adapter';
import * as v from 'valibot';
import type { AwsService } from './aws-errors.js';
import { closingConnection, sendCommand } from './send-command.js';

/** The part of `SNSClient` that the sender uses. */
export interface SnsClient {
  send(
    command: PublishCommand,
    options: { abortSignal: AbortSignal },
  ): Promise<PublishCommandOutput>;
}

/** The client of SNS, and who sends. */
export interface SnsSenderOptions {
  /** An `SNSClient` with `maxAttempts: 1`: SNS has no idempotency key, so a repeat is a second message. */
  readonly client: SnsClient;
  /** Alphanumeric name that the phone shows, in countries that allow one. @default none */
  readonly senderId?: string;
  /** A number of the account in E.164 form, or a short code. @default chosen by SNS */
  readonly originationNumber?: string;
}

const matching = (pattern: RegExp, rule: string) =>
  v.custom<string>((value) => typeof value === 'string' && pattern.test(value), rule);

const schema = optionsOf<SnsSenderOptions>()({
  client: instance<SnsClient>(['send'], 'must be an SNSClient'),
  senderId: v.optional(
    matching(
      /^(?=.*[A-Za-z])[A-Za-z0-9-]{1,11}$/,
      'must be 1 to 11 letters, digits or hyphens, with at least one letter',
    ),
  ),
  originationNumber: v.optional(
    matching(/^\+?[0-9]{5,15}$/, "must be a number of the account, like '+12065550100'"),
  ),
});

const SNS: AwsService = {
  service: 'SNS',
  rejections: ['OptedOutException', 'InvalidParameterException', 'InvalidParameterValueException'],
  // Clients choose no parameter but the number; the exception does not say which one is wrong.
  notServed: ['ValidationException'],
};

/**
 * Creates a sender for SMS through Amazon SNS. Messages are transactional.
 *
 * `send` rejects with a `SendError`: `rejected` for a number that SNS does not accept or that has opted out, `unavailable`
 * if SNS refuses the message or cannot be reached, `unknown` if the answer was lost.
 *
 * @param options the client, and who the message is from; see {@link SnsSenderOptions}
 * @returns a sender for the channel `sms`
 * @throws TypeError for an option that is missing, unknown or wrong
 * @example
 * const sender = createSnsSender({ client: new SNSClient({ maxAttempts: 1 }), senderId: 'Shop' });
 */
export function createSnsSender(options: SnsSenderOptions): Sender {
  const { client, senderId, originationNumber } = parseOptions(
    schema,
    options,
    'createSnsSender()',
  );
  const attributes = toAttributes({
    'AWS.SNS.SMS.SMSType': 'Transactional',
    'AWS.SNS.SMS.SenderID': senderId,
    'AWS.MM.SMS.OriginationNumber': originationNumber,
  });
  return {
    async send(message) {
      assertSendable(message, ['sms'], 'SNS');
      const { to, content } = message;
      const command = new PublishCommand({
        PhoneNumber: to,
        Message: content.text,
        MessageAttributes: attributes,
      });
      command.middlewareStack.add(closingConnection, { step: 'build' });
      await sendCommand(client, command, { service: SNS, message });
    },
  };
}

/** https://docs.aws.amazon.com/sns/latest/dg/sms_sending-overview.html */
function toAttributes(
  values: Readonly<Record<string, string | undefined>>,
): Record<string, MessageAttributeValue> {
  const attributes: Record<string, MessageAttributeValue> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) attributes[name] = { DataType: 'String', StringValue: value };
  }
  return attributes;
}
