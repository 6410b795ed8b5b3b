import { trimOptionalWhitespace } from '../util/optional-whitespace.js';
import type { RequestOrigin } from './cors.js';
import type { OtpRequest } from './otp-request.js';
import type { PresentedHandle } from './transport.js';

const MAX_LENGTH = 256;

/** RFC 9110, 5.6.6: a name and a token or a quoted string; the part between two semicolons may be empty. */
const PARAMETER = /^(?:[!#$%&'*+.^_`|~0-9a-z-]+=(?:[!#$%&'*+.^_`|~0-9a-z-]+|"[^"\\]*"))?$/i;

/** Whether there is one `Content-Type` field, and it is JSON in UTF-8. */
export function isJsonContentType(fields: readonly string[]): boolean {
  const [field] = fields;
  if (field === undefined || fields.length > 1 || field.length > MAX_LENGTH) return false;
  const [type = '', ...rest] = field.split(';');
  const parameters = rest.map(trimOptionalWhitespace);
  return (
    /^application\/json[ \t]*$/i.test(type) &&
    parameters.every((parameter) => PARAMETER.test(parameter)) &&
    isUtf8(parameters.filter((parameter) => /^charset=/i.test(parameter)))
  );
}

interface RequestWithoutBody {
  readonly header: OtpRequest['header'];
  readonly handle: PresentedHandle;
  readonly origin: RequestOrigin;
}

/**
 * Whether a request without a body may omit its content type. Without one a browser sends no preflight: only a header of
 * ours, or the origin, then shows that the page is allowed.
 */
export function mayOmitContentType({ header, handle, origin }: RequestWithoutBody): boolean {
  const isCrossSite = header('sec-fetch-site').some((each) => /cross-site/i.test(each));
  return handle.carrier === 'header' || (origin.kind !== 'foreign' && !isCrossSite);
}

function isUtf8(charsets: readonly string[]): boolean {
  return charsets.length < 2 && charsets.every((each) => /^charset="?utf-?8"?$/i.test(each));
}
