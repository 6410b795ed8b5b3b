import { SendError, type SendFailure } from '@otp/core';
import { isBeforeConnection } from '@otp/core/adapter';

/** The members of the SDK's errors that are used here. */
interface AwsError {
  readonly name?: unknown;
  readonly code?: unknown;
  /** About the response; absent if there was none. */
  readonly $metadata?: { readonly httpStatusCode?: unknown };
}

export interface AwsService {
  readonly service: string;
  /** Names of the exceptions that refuse the recipient for good. */
  readonly rejections: readonly string[];
  /** Names of those that one recipient can cause while others are served. */
  readonly notServed: readonly string[];
}

/**
 * Keeps the name of the exception and the status alone: the service's messages repeat the recipient.
 *
 * @param isRepeat whether an earlier attempt got no answer, so that the service may have accepted the message
 */
export function toSendError(
  thrown: unknown,
  { service, rejections, notServed }: AwsService,
  isRepeat: boolean,
): SendError {
  const error: AwsError = Object(thrown);
  const { name, code } = error;
  const status = error.$metadata?.httpStatusCode;
  const facts = [name, code, status].filter(isPlain);
  const cause = new Error(`${service}: ${facts.join(' ') || 'no reason given'}`);
  const message = `${service} has not accepted the message.`;
  const countsForBreaker = !notServed.some((each) => each === name);
  const kind = failureKind(error, rejections);
  return new SendError(isRepeat && kind === 'unavailable' ? 'unknown' : kind, message, {
    cause,
    countsForBreaker,
  });
}

/** Whether there was no response, although the request may have been sent. */
export function isConnectionLost(thrown: unknown): boolean {
  const error: AwsError = Object(thrown);
  return error.$metadata?.httpStatusCode === undefined && failureKind(error, []) === 'unknown';
}

function failureKind(
  { name, code, $metadata }: AwsError,
  rejections: readonly string[],
): SendFailure {
  if (rejections.some((each) => each === name)) return 'rejected';
  const status = $metadata?.httpStatusCode;
  if (typeof status === 'number') return mayBeAccepted(status) ? 'unknown' : 'unavailable';
  // Without credentials the SDK makes no request.
  const isUnsent = isBeforeConnection(code) || name === 'CredentialsProviderError';
  return isUnsent ? 'unavailable' : 'unknown';
}

/** 2xx: the service has accepted the message, and the rest of the response was lost or could not be read. */
function mayBeAccepted(status: number): boolean {
  return status === 504 || (status >= 200 && status < 300);
}

function isPlain(value: unknown): value is string | number {
  return typeof value === 'number' || (typeof value === 'string' && /^\w{1,60}$/.test(value));
}
