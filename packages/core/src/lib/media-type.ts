/** Above this a header field is no honest content type; it also bounds the work of the patterns. */
const MAX_LENGTH = 256;

/** RFC 9110, 8.3.1: a type, then parameters; an empty parameter is allowed. */
const JSON_TYPE =
  /^application\/json(?:[ \t]*;[ \t]*(?:[!#$%&'*+.^_`|~0-9a-z-]+=(?:[!#$%&'*+.^_`|~0-9a-z-]+|"[^"\\]*"))?)*[ \t]*$/i;

const CHARSET = /;[ \t]*charset=("?)([^;"]*)\1/i;

/** One field that says JSON in UTF-8. Two fields, or two types in one, are refused. */
export function isJsonContentType(fields: readonly string[]): boolean {
  const [field] = fields;
  if (field === 'application/json') return fields.length === 1;
  if (field === undefined || fields.length > 1 || field.length > MAX_LENGTH) return false;
  if (!JSON_TYPE.test(field)) return false;
  const charset = CHARSET.exec(field)?.[2]?.trim();
  return charset === undefined || /^utf-?8$/i.test(charset);
}
