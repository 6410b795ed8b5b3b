import type { HttpApiEvent } from './events.js';
import { type EventFormat, fieldValues, toSingleValueResult } from './format.js';
import { withoutStage } from './path.js';

export const HTTP_API: EventFormat<HttpApiEvent> = {
  method: ({ requestContext }) => requestContext.http.method,
  paths: ({ rawPath }) => [rawPath],
  stage: ({ requestContext }) => requestContext.stage,
  // Function URLs repeat the cookies in the headers, and core ignores a cookie that comes twice.
  header: ({ cookies, headers }, name) =>
    name === 'cookie' && cookies ? cookies : fieldValues(headers, name),
  clientAddress: ({ requestContext }) => requestContext.http.sourceIp,
  // At a custom domain `rawPath` begins with the stage, although the client's URL does not.
  url: ({ rawPath, requestContext: { apiId, domainName, domainPrefix, stage } }) =>
    `https://${domainName}${domainPrefix === apiId ? rawPath : withoutStage(rawPath, stage)}`,
  toResult: (response) => {
    const isCookie = ([name]: readonly [string, string]) => name === 'set-cookie';
    const headers = response.headers.filter((field) => !isCookie(field));
    const cookies = response.headers.filter(isCookie).map(([, value]) => value);
    const result = toSingleValueResult({ ...response, headers });
    return cookies.length === 0 ? result : { ...result, cookies };
  },
};
