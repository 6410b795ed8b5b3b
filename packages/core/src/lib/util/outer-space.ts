const OUTER_SPACE = /^[ \t]+|[ \t]+$/g;

/** Without the space around a field's value or part (RFC 9110, 5.6.3): SP and HTAB, and nothing else that Unicode calls one. */
export function trimOuterSpace(text: string): string {
  return text.replace(OUTER_SPACE, '');
}
