import type { OtpResponse } from '@otp/core/adapter';
import type { LambdaResult } from './events.js';

/** How one kind of event says what a request holds, and wants its answer. */
export interface EventFormat<Event> {
  readonly method: (event: Event) => string;
  /** Where the request may have gone, the likeliest first; a stage may stand before it. */
  readonly paths: (event: Event) => readonly string[];
  readonly stage: (event: Event) => string | undefined;
  /** Every value of a header field; the name is given in lower case. */
  readonly header: (event: Event, name: string) => readonly string[];
  /** Who has connected to the gateway. */
  readonly clientAddress: (event: Event) => string | undefined;
  /** What the client has called, without query. */
  readonly url: (event: Event) => string;
  readonly toResult: (response: OtpResponse) => LambdaResult;
}

/** Gateways differ in the case that they give to names. */
export function fieldValues<Value>(
  fields: Readonly<Record<string, Value | null | undefined>> | null | undefined,
  name: string,
): Value[] {
  const values: Value[] = [];
  // Five times a request: no copy of all fields each time.
  for (const field in fields) {
    if (field.length !== name.length || field.toLowerCase() !== name) continue;
    const value = fields[field];
    if (value !== undefined && value !== null) values.push(value);
  }
  return values;
}

/**
 * An element of a list by comma, the last one for 0: what the nearest proxy has added. Only what the host's
 * own proxies have added is true, and that is on the right.
 */
export function fromRight(fields: readonly string[], place: number): string | undefined {
  return (
    fields
      .join(',')
      .split(',')
      .at(-1 - place)
      ?.trim() || undefined
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
