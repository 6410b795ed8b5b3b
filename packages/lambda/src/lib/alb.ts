import { readForwarded } from '@otp/core/adapter';
import type { AlbEvent } from './events.js';
import {
  type EventFormat,
  fieldValues,
  toMultiValueResult,
  toSingleValueResult,
} from './format.js';

type ReadHeader = EventFormat<AlbEvent>['header'];

function albFormat(
  header: ReadHeader,
  toResult: EventFormat<AlbEvent>['toResult'],
): EventFormat<AlbEvent> {
  const lastEntry = (event: AlbEvent, name: string) =>
    readForwarded((field) => header(event, field), { header: name, trustedProxies: 1 });
  return {
    method: ({ httpMethod }) => httpMethod,
    paths: ({ path }) => [path],
    stage: () => undefined,
    header,
    // The load balancer names the address only as the last entry of this field.
    clientAddress: (event) => lastEntry(event, 'x-forwarded-for'),
    url: (event) => {
      const scheme = lastEntry(event, 'x-forwarded-proto') ?? 'https';
      return `${scheme}://${header(event, 'host')[0] ?? ''}${event.path}`;
    },
    toResult,
  };
}

export const ALB = albFormat(
  ({ headers }, name) => fieldValues(headers, name),
  toSingleValueResult,
);

/** With `lambda.multi_value_headers.enabled`, which also decides which headers of the result are used. */
export const ALB_MULTI_VALUE = albFormat(
  ({ multiValueHeaders }, name) => fieldValues(multiValueHeaders, name).flat(),
  toMultiValueResult,
);
