import { SendError, type SendFailure } from '@otp/core';
import { isBeforeConnection } from '@otp/core/adapter';

/** https://www.twilio.com/docs/api/errors: this recipient will never receive the message. */
const NO_RECIPIENT: ReadonlySet<number> = new Set([
  21211, // invalid To number
  21214, // To number cannot be reached
  21217, // To number is not a valid phone number
  21265, // To number is a short code
  21266, // To number is the From number, where nobody waits for a code
  21268, // To number is premium rate, or an information service
  21610, // the recipient has opted out
  21614, // To number is not a mobile number
  21635, // To number is a landline
  63003, // no such address in the channel
  63014, // the recipient has blocked us
  63024, // invalid message recipient
  63031, // 21266 for WhatsApp
]);

/**
 * Twilio is up but does not serve this number; another provider may. These do not count for the breaker: otherwise five
 * clients in other countries could switch off a provider that serves everybody else. Some can also mean that `from` is
 * wrong; then asking again costs nothing.
 */
const NOT_SERVED: ReadonlySet<number> = new Set([
  21408, // the region is not enabled, or not served in this channel
  21606, // From cannot send to this destination
  21608, // a trial account, and To number is not verified
  21612, // To cannot be reached from From
  21657, // the sender id is not supported in this destination
  21659, // From is a short code of another country
  21662, // From and To do not go together in the Irish region
  63015, // the recipient has not joined the sandbox of WhatsApp
  63032, // WhatsApp limits messages to this user
  572002, // a trial account: To number has another From number
  572005, // a trial account, and To number is not verified yet
]);

const MAX_BODY_BYTES = 16 * 1024;
/** The status is enough to go on; the rest of the time belongs to the next sender. */
const MAX_BODY_MS = 1_000;

/** Keeps the status and Twilio's error code alone: its messages repeat the number. */
export async function toRefusal(response: Response): Promise<SendError> {
  const { status } = response;
  const code = await readCode(response);
  const cause = new Error(
    `Twilio: HTTP ${status}${code === undefined ? '' : `, error ${toText(code)}`}`,
  );
  const countsForBreaker = code === undefined || !NOT_SERVED.has(code);
  const options = { cause, countsForBreaker };
  return new SendError(kindOf(status, code), 'Twilio has not accepted the message.', options);
}

/** `572,002`: events redact six digits in a row, which may be a one-time code. */
function toText(code: number): string {
  return String(code).replace(/^(\d{3})(\d{3})$/, '$1,$2');
}

function kindOf(status: number, code: number | undefined): SendFailure {
  if (code !== undefined && NO_RECIPIENT.has(code)) return 'rejected';
  // 504: the request had reached a gateway.
  return status === 504 ? 'unknown' : 'unavailable';
}

async function readCode(response: Response): Promise<number | undefined> {
  try {
    const { code }: { code?: unknown } = Object(JSON.parse(await readStart(response)));
    return isErrorCode(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** Twilio's codes have five or six digits; a longer number may be a recipient. */
function isErrorCode(code: unknown): code is number {
  return typeof code === 'number' && Number.isInteger(code) && code > 0 && code < 1_000_000;
}

async function readStart({ body }: Response): Promise<string> {
  if (body === null) return '';
  const reader = body.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  // Also ends a read that is waiting.
  const timer = setTimeout(cancel, MAX_BODY_MS);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    while (size <= MAX_BODY_BYTES) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      size += value.length;
    }
  } finally {
    clearTimeout(timer);
    cancel();
  }
  return Buffer.concat(chunks).toString();
}

/** A request that got no response. */
export function toNetworkError(thrown: unknown): SendError {
  const code = codeOf(thrown);
  const before = isBeforeConnection(code) || isCertificateError(code);
  const cause = new Error(`Twilio: ${typeof code === 'string' ? code : 'no answer'}`);
  return new SendError(before ? 'unavailable' : 'unknown', 'Twilio has not answered.', { cause });
}

/** `fetch` rejects with a TypeError whose cause is the system error. */
function codeOf(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return undefined;
  const { cause }: { cause?: unknown } = thrown;
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}

function isCertificateError(code: unknown): boolean {
  return (
    typeof code === 'string' &&
    /^(?:CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/.test(code)
  );
}
