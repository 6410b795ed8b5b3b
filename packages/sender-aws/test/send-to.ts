import type { OtpMessage, Sender } from '@otp/core';
import { type Protocol, type StartedProvider, startProvider } from './start-provider.js';

/** The local servers do not check them. */
export const CREDENTIALS = { accessKeyId: 'AKIATEST', secretAccessKey: 'not-a-real-secret' };

export interface Sent {
  readonly bodies: StartedProvider['bodies'];
  readonly connections: StartedProvider['connections'];
  readonly error: unknown;
}

/** Sends one message to a provider with that behaviour; returns the error, and the requests that it received. */
export async function sendTo(
  protocol: Protocol,
  how: Parameters<typeof startProvider>[1],
  createSender: (endpoint: string) => Sender,
  message: OtpMessage,
): Promise<Sent> {
  const { endpoint, bodies, connections, close } = await startProvider(protocol, how);
  try {
    const error = await createSender(endpoint)
      .send(message)
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    return { bodies, connections, error };
  } finally {
    await close();
  }
}
