import { element } from './page.js';

/** Shows the claims of a signed token and the host's answer; nothing here verifies a signature. */
export function showResult(token, hostAnswer) {
  showJson(element('host-answer'), hostAnswer);
  showJson(element('claims'), readClaims(token));
}

export function clearResult() {
  element('host-answer').replaceChildren();
  element('claims').replaceChildren();
  element('summary').replaceChildren();
}

/** How and when, in words: "by text message at 14:03". */
export function describeProof({ amr, auth_time: seconds }) {
  const how = amr?.includes('sms') ? 'text message' : 'e-mail';
  const time = new Date(seconds * 1000).toLocaleTimeString([], { timeStyle: 'short' });
  return `by ${how} at ${time}`;
}

function readClaims(token) {
  const payload = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
  const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

// The text of the element stays valid JSON; the spans only colour it.
function showJson(target, value) {
  const text = JSON.stringify(value, null, 2);
  const tokens = /"(?:\\.|[^"\\])*"(\s*:)?|\b(?:true|false|null)\b|-?\d[\d.eE+-]*/g;
  let end = 0;
  target.replaceChildren();
  for (const match of text.matchAll(tokens)) {
    const span = document.createElement('span');
    span.className = match[1] ? 'json-key' : 'json-value';
    span.textContent = match[0];
    target.append(text.slice(end, match.index), span);
    end = match.index + match[0].length;
  }
  target.append(text.slice(end));
}
