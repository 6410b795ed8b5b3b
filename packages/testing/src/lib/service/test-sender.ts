import type { OtpMessage, Sender } from '@otp/core';

/** A sender that keeps messages instead of delivering them, and can be made to fail. */
export interface TestSender extends Sender {
  /** The inbox: every message that was accepted, in order. */
  readonly messages: readonly OtpMessage[];
  /** How often `send` was called, failures included. */
  readonly attempts: number;
  /** Makes every further `send` reject with the error; `undefined` makes them succeed again. */
  fail(error: unknown): void;
}

/**
 * Creates a sender that keeps messages instead of delivering them.
 *
 * @returns the sender, with its `messages`
 * @example
 * const sender = createTestSender();
 * sender.fail(new SendError('unavailable', 'provider is down'));
 */
export function createTestSender(): TestSender {
  const messages: OtpMessage[] = [];
  let attempts = 0;
  let failure: unknown;
  return {
    messages,
    get attempts() {
      return attempts;
    },
    fail(error) {
      failure = error;
    },
    async send(message) {
      attempts += 1;
      if (failure !== undefined) throw failure;
      messages.push(message);
      return undefined;
    },
  };
}
