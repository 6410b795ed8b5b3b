/** Whether a value is the name of a header field: a `token` of RFC 9110, 5.6.2. */
export function isFieldName(value: unknown): value is string {
  return typeof value === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(value);
}
