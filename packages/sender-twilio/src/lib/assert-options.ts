import type { TwilioSenderOptions } from './twilio-sender.js';

const FROM = /^\+[1-9][0-9]{6,14}$|^MG[0-9a-f]{32}$|^(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}$/;

/** @throws TypeError that says what to write instead. */
export function assertOptions(options: TwilioSenderOptions): void {
  const { accountSid, auth, from, whatsappTemplate, baseUrl, fetch } = options ?? {};
  if (!isSid(accountSid, 'AC')) throw new TypeError("accountSid must be 'AC' and 32 hex digits.");
  assertAuth(auth);
  if (typeof from !== 'string' || !FROM.test(from)) {
    throw new TypeError(
      "from must be a number in E.164 form, a sender id of up to 11 letters and digits, or a messaging service ('MG…').",
    );
  }
  if (whatsappTemplate !== undefined && !isSid(whatsappTemplate?.contentSid, 'HX')) {
    throw new TypeError("whatsappTemplate.contentSid must be 'HX' and 32 hex digits.");
  }
  if (baseUrl !== undefined && !isHttps(baseUrl)) {
    throw new TypeError("baseUrl must be an https URL, like 'https://api.twilio.com'.");
  }
  if (fetch !== undefined && typeof fetch !== 'function') {
    throw new TypeError('fetch must be a function like globalThis.fetch.');
  }
}

function assertAuth(auth: unknown): void {
  const { authToken, apiKeySid, apiKeySecret }: Record<string, unknown> = { ...Object(auth) };
  if (isText(authToken) || (isSid(apiKeySid, 'SK') && isText(apiKeySecret))) return;
  throw new TypeError("auth must be { authToken } or { apiKeySid: 'SK…', apiKeySecret }.");
}

function isSid(value: unknown, prefix: string): boolean {
  return (
    typeof value === 'string' && value.startsWith(prefix) && /^[0-9a-f]{32}$/.test(value.slice(2))
  );
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

/** Plain http only to this machine, for tests. */
function isHttps(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return protocol === 'https:' || (protocol === 'http:' && hostname === '127.0.0.1');
}
