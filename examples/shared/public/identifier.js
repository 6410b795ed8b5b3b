const EXAMPLE = '+1 202 555 0123';

/**
 * @typedef {{ ok: true, identifier: { type: 'phone_number' | 'email_address', value: string } }} Parsed
 * @typedef {{ ok: false, words: string }} Refused
 */

/**
 * An identifier for the API, or words that say what is needed.
 * @param {string} text
 * @returns {Parsed | Refused}
 */
export function parseIdentifier(text) {
  const trimmed = text.trim();
  if (trimmed.includes('@')) return parseEmail(trimmed);

  const number = trimmed.replace(/[\s.()[\]\-‐‑–]/g, '').replace(/^00/, '+');
  if (/^\+[1-9]\d{6,14}$/.test(number)) {
    return { ok: true, identifier: { type: 'phone_number', value: number } };
  }
  if (/^\d+$/.test(number)) {
    return refuse(`Start the number with + and its country code, like ${EXAMPLE}.`);
  }
  if (/^\+\d*$/.test(number)) {
    return refuse(`This is not a complete phone number. Write it like ${EXAMPLE}.`);
  }
  return refuse(
    `Enter a mobile number with its country code, like ${EXAMPLE}, or an e-mail address.`,
  );
}

/**
 * Only what is plainly missing: which addresses exist is for the server to say.
 * @param {string} value
 * @returns {Parsed | Refused}
 */
function parseEmail(value) {
  if (/^\S.*@\S+$/.test(value)) return { ok: true, identifier: { type: 'email_address', value } };
  return refuse('This e-mail address is not complete. Write it like ada@example.com.');
}

/** @param {string} words @returns {Refused} */
function refuse(words) {
  return { ok: false, words };
}
