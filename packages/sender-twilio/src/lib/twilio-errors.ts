import { SendError, type SendFailure } from '@otp/core';

/** https://www.twilio.com/docs/api/errors: of the recipient, and for good. */
const NO_RECIPIENT: ReadonlySet<number> = new Set([
  21211, // invalid To number
  21214, // To number cannot be reached
  21217, // To number is not a valid phone number
  21265, // To number is a short code
  21610, // the recipient has opted out
  21614, // To number is not a mobile number
  21635, // To number is a landline
  63003, // no such address in the channel
  63024, // invalid message recipient
]);

/** Twilio is well, but does not take messages to this number: another provider may. */
const NOT_SERVED: ReadonlySet<number> = new Set([
  21408, // the region is not enabled, or not served in this channel
  21612, // To cannot be reached from From
]);

const MAX_BODY_BYTES = 16 * 1024;

/** Twilio's own texts repeat the number: its status and its code are kept, and no more. */
export async function refusalOf(response: Response): Promise<SendError> {
  const { status } = response;
  const code = await readCode(response);
  const cause = new Error(`Twilio: HTTP ${status}${code === undefined ? '' : `, error ${code}`}`);
  const countsForBreaker = code === undefined || !NOT_SERVED.has(code);
  const options = { cause, countsForBreaker };
  return new SendError(kindOf(status, code), 'Twilio has not accepted the message.', options);
}

function kindOf(status: number, code: number | undefined): SendFailure {
  if (code !== undefined && NO_RECIPIENT.has(code)) return 'rejected';
  // A gateway has waited in vain for whoever was to answer.
  return status === 504 ? 'unknown' : 'unavailable';
}

async function readCode(response: Response): Promise<number | undefined> {
  try {
    const { code }: { code?: unknown } = Object(JSON.parse(await readStart(response)));
    return typeof code === 'number' ? code : undefined;
  } catch {
    return undefined;
  }
}

async function readStart({ body }: Response): Promise<string> {
  if (body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BODY_BYTES) break;
  }
  return Buffer.concat(chunks).toString();
}

/** Where a connection was not even made, nobody has read the request. */
const BEFORE_REQUEST: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

export function unansweredOf(thrown: unknown): SendError {
  const code = codeOf(thrown);
  const before = BEFORE_REQUEST.has(code) || isCertificateError(code);
  const cause = new Error(`Twilio: ${typeof code === 'string' ? code : 'no answer'}`);
  return new SendError(before ? 'unavailable' : 'unknown', 'Twilio has not answered.', { cause });
}

/** `fetch` rejects with a TypeError whose cause is the network's own error. */
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
