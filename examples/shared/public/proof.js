/**
 * How and when, in words: "by text message at 14:03".
 * @param {{ amr?: readonly string[], auth_time: number }} answer
 */
export function describeProof({ amr, auth_time: seconds }) {
  const how = amr?.includes('sms') ? 'text message' : 'e-mail';
  const time = new Date(seconds * 1000).toLocaleTimeString([], { timeStyle: 'short' });
  return `by ${how} at ${time}`;
}

/**
 * The claims of a signed token; nothing here verifies a signature.
 * @param {string} token
 * @returns {Record<string, unknown>}
 */
export function readClaims(token) {
  const [, part = ''] = token.split('.');
  const payload = part.replaceAll('-', '+').replaceAll('_', '/');
  const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

/**
 * JSON in pieces, to be coloured; joined, the texts are valid JSON.
 * @param {unknown} value
 * @returns {{ text: string, kind?: 'json-key' | 'json-value' }[]}
 */
export function splitJson(value) {
  const text = JSON.stringify(value, null, 2);
  const tokens = /"(?:\\.|[^"\\])*"(\s*:)?|\b(?:true|false|null)\b|-?\d[\d.eE+-]*/g;
  /** @type {ReturnType<typeof splitJson>} */
  const pieces = [];
  let end = 0;
  for (const match of text.matchAll(tokens)) {
    const [token, colon] = match;
    pieces.push({ text: text.slice(end, match.index) });
    pieces.push({ text: token, kind: colon ? 'json-key' : 'json-value' });
    end = match.index + token.length;
  }
  return [...pieces, { text: text.slice(end) }];
}
