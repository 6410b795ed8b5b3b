import type { AlbEvent } from './events.js';
import {
  type EventFormat,
  fieldValues,
  fromRight,
  toMultiValueResult,
  toSingleValueResult,
} from './format.js';

type ReadHeader = EventFormat<AlbEvent>['header'];

function albFormat(
  header: ReadHeader,
  toResult: EventFormat<AlbEvent>['toResult'],
): EventFormat<AlbEvent> {
  return {
    method: ({ httpMethod }) => httpMethod,
    paths: ({ path }) => [path],
    stage: () => undefined,
    header,
    // The only address that a load balancer gives is the one that it adds to this field.
    clientAddress: (event) => fromRight(header(event, 'x-forwarded-for'), 0),
    url: (event) => {
      const scheme = fromRight(header(event, 'x-forwarded-proto'), 0) ?? 'https';
      return `${scheme}://${header(event, 'host')[0] ?? ''}${event.path}`;
    },
    toResult,
  };
}

export const ALB = albFormat(
  ({ headers }, name) => fieldValues(headers, name),
  toSingleValueResult,
);

/** With `lambda.multi_value_headers.enabled`, which also decides what is looked at in the answer. */
export const ALB_MULTI_VALUE = albFormat(
  ({ multiValueHeaders }, name) => fieldValues(multiValueHeaders, name).flat(),
  toMultiValueResult,
);
