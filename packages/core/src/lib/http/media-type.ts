import { trimOptionalWhitespace } from '../util/optional-whitespace.js';

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

function isUtf8(charsets: readonly string[]): boolean {
  return charsets.length < 2 && charsets.every((each) => /^charset="?utf-?8"?$/i.test(each));
}
