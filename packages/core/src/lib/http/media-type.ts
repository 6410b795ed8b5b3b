import { trimOptionalWhitespace } from './optional-whitespace.js';

/** Above this a header field is no honest content type. */
const MAX_LENGTH = 256;

/** RFC 9110, 5.6.6: a name and a token or a quoted text; the part between two semicolons may be empty. */
const PARAMETER = /^(?:[!#$%&'*+.^_`|~0-9a-z-]+=(?:[!#$%&'*+.^_`|~0-9a-z-]+|"[^"\\]*"))?$/i;

/** One field that says JSON in UTF-8. Two fields, two types in one or two charsets are refused. */
export function isJsonContentType(fields: readonly string[]): boolean {
  const [field] = fields;
  if (field === undefined || fields.length > 1) return false;
  if (field.length > MAX_LENGTH) return false;
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
