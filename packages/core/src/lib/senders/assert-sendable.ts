import { type Channel, type OtpMessage, SendError } from '../ports.js';

/**
 * Refuses a message before any request to a provider. For the `send` of a sender.
 *
 * @param message the message that `send` received
 * @param channels the channels that the provider carries
 * @param provider name of the provider, for the error
 * @throws SendError `unavailable`, for another channel, or when the time limit of the attempt has passed. Another channel
 *   does not count for the breaker: the provider is well.
 */
export function assertSendable(
  { channel, signal }: Pick<OtpMessage, 'channel' | 'signal'>,
  channels: readonly Channel[],
  provider: string,
): void {
  if (!channels.includes(channel)) {
    const carried = channels.join(' and ');
    throw new SendError('unavailable', `${provider} carries ${carried}, not ${channel}.`, {
      countsForBreaker: false,
    });
  }
  if (signal.aborted) {
    throw new SendError('unavailable', 'The time limit passed before the send began.');
  }
}
