import type { OtpMessage } from '@otp/core';

/**
 * Creates a message as core hands it to a sender.
 *
 * @param changes members that differ from an SMS with the code `123456` in English, valid for ten minutes
 * @returns the message
 */
export function createTestMessage(changes: Partial<OtpMessage> = {}): OtpMessage {
  return {
    channel: 'sms',
    to: '+33612345678',
    code: '123456',
    content: { text: '123456 is your Example code.' },
    locale: 'en',
    expiresAt: new Date(Date.now() + 600_000),
    idempotencyKey: 'verification.1',
    send: 1,
    signal: new AbortController().signal,
    ...changes,
  };
}
