import type { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { TimeLimitError } from '@otp/core/store';

/**
 * `throttled`: the service refused twice for lack of capacity. `timeout` and `lost` (the connection or the service
 * failed): the operation may have taken effect. `failed`: it has not.
 */
export type DynamoFailure = 'throttled' | 'timeout' | 'lost' | 'failed';

/**
 * The error with which the store rejects. It holds the operation, and the name, status and request id of the service's
 * error, but no key and no value: errors of the SDK may hold whole items.
 */
export class DynamoStoreError extends Error {
  override readonly name = 'DynamoStoreError';
  readonly kind: DynamoFailure;

  constructor(kind: DynamoFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

export function toStoreError(operation: string, error: unknown): DynamoStoreError {
  if (error instanceof DynamoStoreError) return error;
  if (error instanceof TimeLimitError) return new DynamoStoreError('timeout', error.message);
  const cause = new Error(describe(error));
  const kind = kindOf(error);
  return new DynamoStoreError(kind, `DynamoDB ${operation}: ${kind}`, { cause });
}

function kindOf(error: unknown): DynamoFailure {
  if (isThrottled(error)) return 'throttled';
  return isUnanswered(error) ? 'lost' : 'failed';
}

export function isLost(error: unknown): error is DynamoStoreError {
  return error instanceof DynamoStoreError && error.kind === 'lost';
}

/** The operation was refused and had no effect, so that a repeat cannot count twice. */
export function isThrottled(error: unknown): boolean {
  return THROTTLED.has(nameOf(error));
}

/** The operation may have taken effect; its answer is unknown. */
export function isUnanswered(error: unknown): boolean {
  return SERVER_FAULTS.has(nameOf(error)) || 'code' in toObject(error);
}

/** The connection ended before an answer, as one does that the service has closed while it was idle. */
export function isCut(error: unknown): boolean {
  return CUT.has(String(toObject(error).code));
}

const CUT: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

export function isRefusedByCondition(error: unknown): error is ConditionalCheckFailedException {
  return nameOf(error) === 'ConditionalCheckFailedException';
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
const THROTTLED: ReadonlySet<string> = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
]);

const SERVER_FAULTS: ReadonlySet<string> = new Set([
  'InternalServerError',
  'ServiceUnavailable',
  'TimeoutError',
]);

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function describe(error: unknown): string {
  const { code, $metadata } = toObject(error);
  const { httpStatusCode, requestId } = toObject($metadata);
  const parts = [nameOf(error), code, httpStatusCode, requestId];
  return parts.filter((part) => typeof part === 'string' || typeof part === 'number').join(' ');
}

function toObject(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

export function isNamed(error: unknown, names: readonly string[]): boolean {
  return names.includes(nameOf(error));
}
