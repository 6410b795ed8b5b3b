import { SendError, type SendFailure } from '@otp/core';

/** What the SDK puts on its errors, as far as it is needed. */
interface AwsError {
  readonly name?: unknown;
  readonly code?: unknown;
  /** Of the answer; absent when there was none. */
  readonly $metadata?: { readonly httpStatusCode?: unknown };
}

export interface Failed {
  readonly service: string;
  /** Names of the exceptions that blame the recipient. */
  readonly rejections: readonly string[];
  /** Names of those that some recipient brings about, while others are served. */
  readonly notServed: readonly string[];
}

/** The service's own texts repeat the recipient: its exception's name and its status are kept, and no more. */
export function toSendError(
  thrown: unknown,
  { service, rejections, notServed }: Failed,
): SendError {
  const error: AwsError = Object(thrown);
  const { name, code } = error;
  const status = error.$metadata?.httpStatusCode;
  const facts = [name, code, status].filter(isPlain);
  const cause = new Error(`${service}: ${facts.join(' ') || 'no reason given'}`);
  const message = `${service} has not accepted the message.`;
  const countsForBreaker = !notServed.some((each) => each === name);
  return new SendError(failureKind(error, rejections), message, { cause, countsForBreaker });
}

/** Where a connection was not even made, nobody has read the request; nor without credentials. */
const BEFORE_REQUEST: readonly unknown[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CredentialsProviderError',
];

function failureKind(
  { name, code, $metadata }: AwsError,
  rejections: readonly string[],
): SendFailure {
  if (rejections.some((each) => each === name)) return 'rejected';
  const status = $metadata?.httpStatusCode;
  if (typeof status === 'number') return isUndecided(status) ? 'unknown' : 'unavailable';
  return BEFORE_REQUEST.includes(code) || BEFORE_REQUEST.includes(name) ? 'unavailable' : 'unknown';
}

/** 2xx: the message is taken, and only the rest of the answer was lost or could not be read. */
function isUndecided(status: number): boolean {
  return status === 504 || (status >= 200 && status < 300);
}

function isPlain(value: unknown): value is string | number {
  return typeof value === 'number' || (typeof value === 'string' && /^\w{1,60}$/.test(value));
}

/** The SDK would go and look for credentials first. */
export function assertInTime(signal: AbortSignal): void {
  if (signal.aborted) throw new SendError('unavailable', 'The time was up before the send began.');
}
