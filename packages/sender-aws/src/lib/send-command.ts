import type { Agent } from 'node:http';
import type { OtpMessage } from '@otp/core';
import { withSecondAttempt } from '@otp/core/adapter';
import { type AwsService, isConnectionLost, toSendError } from './aws-errors.js';

/** The part of the SDK's clients that is used here. Clients of tests have no `config`. */
interface AwsClient<Command> {
  readonly config?: {
    readonly requestHandler?: { httpHandlerConfigs?(): { httpAgent?: Agent; httpsAgent?: Agent } };
  };
  send(command: Command, options: { abortSignal: AbortSignal }): Promise<unknown>;
}

/**
 * Sends a command over a connection that may have died while it was idle, because the host uses the client too.
 *
 * @throws SendError
 */
export async function sendCommand<Command>(
  client: AwsClient<Command>,
  command: Command,
  { service, message }: { readonly service: AwsService; readonly message: OtpMessage },
): Promise<void> {
  let isRepeat = false;
  const attempt = (abortSignal: AbortSignal, isSecond: boolean) => {
    isRepeat = isSecond;
    if (isSecond) closeIdleConnections(client);
    return client.send(command, { abortSignal });
  };
  try {
    await withSecondAttempt(message, attempt, { isLost: isConnectionLost });
  } catch (error) {
    throw toSendError(error, service, isRepeat);
  }
}

/** They may be dead too, and the agent would use one of them next. */
function closeIdleConnections({ config }: AwsClient<never>): void {
  const { httpAgent, httpsAgent } = config?.requestHandler?.httpHandlerConfigs?.() ?? {};
  for (const agent of [httpAgent, httpsAgent]) {
    for (const socket of Object.values(agent?.freeSockets ?? {}).flat()) socket?.destroy();
  }
}

/** Middleware of a command, of the step `build`: the connection is not kept open for the next message (RFC 9112, 9.6). */
export const closingConnection =
  <Args extends { request: unknown }, Result>(next: (args: Args) => Result) =>
  (args: Args): Result => {
    const { headers }: { headers?: Record<string, string> } = Object(args.request);
    if (headers !== undefined) headers.connection = 'close';
    return next(args);
  };
