import { SendError, type SendFailure } from '@otp/core';

/** The members of nodemailer's errors that are used here. */
interface SmtpError {
  readonly code?: unknown;
  /** The code of the system error that nodemailer replaced by one of its own. */
  readonly originalCode?: unknown;
  readonly command?: unknown;
  readonly response?: unknown;
  readonly responseCode?: unknown;
}

/**
 * Keeps codes alone, also in the cause: nodemailer's messages repeat the server's reply, which may hold the address.
 *
 * @param hasBegun whether a byte of the message may have been sent
 */
export function toSendError(thrown: unknown, hasBegun: boolean): SendError {
  const error: SmtpError = Object(thrown);
  const status = enhancedStatus(error);
  const cause = new Error(`SMTP: ${factsOf(error, status) || 'no reason given'}`);
  return new SendError(
    failureKind(error, status, hasBegun),
    'The mail server has not accepted the message.',
    { cause, countsForBreaker: !isAboutRecipient(error, status) },
  );
}

/** Whether the server has answered, so that its connection is alive. */
export function isReply(thrown: unknown): boolean {
  const { responseCode }: SmtpError = Object(thrown);
  return typeof responseCode === 'number';
}

/** Words separate the numbers: events redact `550 5.1.1`, which has as many digits as a one-time code. */
function factsOf(error: SmtpError, status: string | undefined): string {
  const { code, originalCode, command, responseCode } = error;
  const facts = [code, originalCode].filter(isPlain);
  if (isPlain(command)) facts.push(`at ${command}`);
  const parts = [facts.join(' ')];
  if (isPlain(responseCode)) parts.push(`reply ${responseCode}`);
  if (status !== undefined) parts.push(`status ${status}`);
  return parts.filter((part) => part !== '').join(', ');
}

function failureKind(error: SmtpError, status: string | undefined, hasBegun: boolean): SendFailure {
  if (isNoMailbox(error, status)) return 'rejected';
  if (isRefusal(error)) return 'unavailable';
  // A send that is aborted may just have begun.
  return hasBegun || error.code === 'EABORT' ? 'unknown' : 'unavailable';
}

/** After any other reply, or one that cannot be read, the server may have accepted the message. */
function isRefusal({ responseCode }: SmtpError): boolean {
  return typeof responseCode === 'number' && responseCode >= 400 && responseCode < 600;
}

/**
 * Whether the refusal is about this recipient, so that the server may still serve others. A relay that passes the message
 * on before it replies, or scans it for the recipient, refuses only after DATA.
 */
function isAboutRecipient(
  { command, responseCode }: SmtpError,
  status: string | undefined,
): boolean {
  // 421: the server is shutting down, whatever the command was (RFC 5321, 4.2.2).
  if (typeof responseCode !== 'number' || responseCode === 421) return false;
  if (command === 'RCPT TO') return true;
  if (command !== 'DATA') return false;
  // Any other 4xx may come from a server that is full or broken. RFC 3463: x.1 is about addresses, of which 7 and 8 are the
  // sender's; x.2 is about the mailbox.
  return responseCode >= 500 || (status !== undefined && /^4\.(?:1\.[0-36]$|2\.)/.test(status));
}

/** Whether the mailbox is refused for good, rather than the sender (5.7.x) or the message. */
function isNoMailbox({ command, responseCode }: SmtpError, status: string | undefined): boolean {
  if (command !== 'RCPT TO' && command !== 'DATA') return false;
  if (status !== undefined) return /^5\.1\.[0-36]$|^5\.2\.1$/.test(status);
  // After DATA the reply code alone may be about the message.
  if (command === 'DATA') return false;
  return responseCode === 550 || responseCode === 551 || responseCode === 553;
}

/** The enhanced status code (RFC 3463) that follows the reply code. */
function enhancedStatus({ response }: SmtpError): string | undefined {
  if (typeof response !== 'string') return undefined;
  return /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1];
}

function isPlain(value: unknown): value is string | number {
  return (
    typeof value === 'number' ||
    (typeof value === 'string' && /^[A-Za-z0-9_. -]{1,40}$/.test(value))
  );
}
