import {
  type MessageAttributeValue,
  PublishCommand,
  type PublishCommandOutput,
} from '@aws-sdk/client-sns';
import { SendError, type Sender } from '@otp/core';
import { assertInTime, toSendError } from './aws-errors.js';

/** What is used of `SNSClient`. */
export interface SnsClient {
  send(
    command: PublishCommand,
    options: { abortSignal: AbortSignal },
  ): Promise<PublishCommandOutput>;
}

export interface SnsSenderOptions {
  /** An `SNSClient` with `maxAttempts: 1`: SNS has no idempotency key, so a repeat is a second message. */
  readonly client: SnsClient;
  /** Alphanumeric name that the phone shows, where the country allows one. @default none */
  readonly senderId?: string;
  /** A number of yours in E.164 form or a short code. @default SNS chooses one of the account's */
  readonly originationNumber?: string;
}

/** Of this recipient, and for good. */
const NO_RECIPIENT = [
  'OptedOutException',
  'InvalidParameterException',
  'InvalidParameterValueException',
];

/** Of all parameters, clients choose the number alone; which one is wrong is not said. */
const NOT_SERVED = ['ValidationException'];

/**
 * Sends SMS through Amazon SNS, as transactional messages. Rejects with a `SendError`: `rejected` for a
 * number that SNS does not take or that has opted out, `unavailable` when SNS has refused or cannot be
 * reached, `unknown` when the answer was lost.
 */
export function createSnsSender({ client, senderId, originationNumber }: SnsSenderOptions): Sender {
  if (typeof client?.send !== 'function') throw new TypeError('client must be an SNSClient.');
  if (senderId !== undefined && !/^(?=.*[A-Za-z])[A-Za-z0-9-]{1,11}$/.test(senderId)) {
    throw new TypeError(
      'senderId must be 1 to 11 letters, digits or hyphens, one letter at least.',
    );
  }
  if (originationNumber !== undefined && !/^\+?[0-9]{5,15}$/.test(originationNumber)) {
    throw new TypeError("originationNumber must be a number of yours, like '+12065550100'.");
  }
  const attributes = toAttributes({
    'AWS.SNS.SMS.SMSType': 'Transactional',
    'AWS.SNS.SMS.SenderID': senderId,
    'AWS.MM.SMS.OriginationNumber': originationNumber,
  });
  return {
    async send({ channel, to, content, signal }) {
      if (channel !== 'sms') {
        throw new SendError('unavailable', 'SNS carries SMS only.', { countsForBreaker: false });
      }
      assertInTime(signal);
      const command = new PublishCommand({
        PhoneNumber: to,
        Message: content.text,
        MessageAttributes: attributes,
      });
      try {
        await client.send(command, { abortSignal: signal });
      } catch (error) {
        const names = { rejections: NO_RECIPIENT, notServed: NOT_SERVED };
        throw toSendError(error, { service: 'SNS', ...names });
      }
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
