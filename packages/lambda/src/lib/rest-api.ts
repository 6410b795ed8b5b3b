import type { RestApiEvent } from './events.js';
import { type EventFormat, fieldValues, toMultiValueResult } from './format.js';

export const REST_API: EventFormat<RestApiEvent> = {
  method: ({ httpMethod }) => httpMethod,
  // Only the second is complete where a stage, or a base path of the domain, is the first segment of the mount point.
  paths: ({ path, requestContext }) => [path, requestContext.path ?? path],
  stage: ({ requestContext }) => requestContext.stage,
  header: ({ headers, multiValueHeaders }, name) =>
    multiValueHeaders ? fieldValues(multiValueHeaders, name).flat() : fieldValues(headers, name),
  clientAddress: ({ requestContext }) => requestContext.identity.sourceIp,
  url: ({ path, requestContext }) =>
    `https://${requestContext.domainName ?? ''}${requestContext.path ?? path}`,
  toResult: toMultiValueResult,
};
