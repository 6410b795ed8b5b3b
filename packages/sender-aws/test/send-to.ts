import type { OtpMessage, Sender } from '@otp/core';
import { type Protocol, type StartedProvider, startProvider } from './start-provider.js';

/** Of the account that the local servers do not look at. */
export const CREDENTIALS = { accessKeyId: 'AKIATEST', secretAccessKey: 'not-a-real-secret' };

export function createMessage(change: Partial<OtpMessage>): OtpMessage {
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
    ...change,
  };
}

export interface Sent {
  readonly bodies: StartedProvider['bodies'];
  readonly error: unknown;
}

/** Sends one message to a provider that does as it is told, and says what came of it. */
export async function sendTo(
  protocol: Protocol,
  how: Parameters<typeof startProvider>[1],
  createSender: (endpoint: string) => Sender,
  message: OtpMessage,
): Promise<Sent> {
  const { endpoint, bodies, close } = await startProvider(protocol, how);
  try {
    const error = await createSender(endpoint)
      .send(message)
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    return { bodies, error };
  } finally {
    await close();
  }
}
