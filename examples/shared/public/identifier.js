const EXAMPLE = '+1 202 555 0123';

/** `{ ok: true, identifier }` for the API, or `{ ok: false, words }` that say what is needed. */
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

// Only what is plainly missing: which addresses exist is for the server to say.
function parseEmail(value) {
  if (/^\S.*@\S+$/.test(value)) return { ok: true, identifier: { type: 'email_address', value } };
  return refuse('This e-mail address is not complete. Write it like ada@example.com.');
}

function refuse(words) {
  return { ok: false, words };
}
