import type { OtpResponse } from '@otp/core/adapter';
import type { LambdaResult } from './events.js';

/** How to read the events of one kind, and to write their results. */
export interface EventFormat<Event> {
  readonly method: (event: Event) => string;
  /** The paths that the request may have had, the likeliest first; a stage may precede them. */
  readonly paths: (event: Event) => readonly string[];
  readonly stage: (event: Event) => string | undefined;
  /** Returns every value of a header field; the name is in lower case. */
  readonly header: (event: Event, name: string) => readonly string[];
  /** The address that has connected to what invokes the function. */
  readonly clientAddress: (event: Event) => string | undefined;
  /** The URL that the client requested, without query. */
  readonly url: (event: Event) => string;
  readonly toResult: (response: OtpResponse) => LambdaResult;
}

/** Returns the values of a header field, whose name has another case behind each kind of gateway. */
export function fieldValues<Value>(
  fields: Readonly<Record<string, Value | null | undefined>> | null | undefined,
  name: string,
): Value[] {
  return Object.entries(fields ?? {}).flatMap(([field, value]) =>
    field.toLowerCase() === name && value !== undefined && value !== null ? [value] : [],
  );
}

export function toSingleValueResult({ status, headers, body }: OtpResponse): LambdaResult {
  return {
    statusCode: status,
    headers: Object.fromEntries(headers),
    body: body ?? '',
    isBase64Encoded: false,
  };
}

export function toMultiValueResult({ status, headers, body }: OtpResponse): LambdaResult {
  const multiValueHeaders: Record<string, string[]> = {};
  for (const [name, value] of headers) {
    multiValueHeaders[name] = [...(multiValueHeaders[name] ?? []), value];
  }
  return { statusCode: status, multiValueHeaders, body: body ?? '', isBase64Encoded: false };
}
