import { SendError, type SendFailure } from '@otp/core';

/** What nodemailer puts on its errors, as far as it is needed. */
interface SmtpError {
  readonly code?: unknown;
  /** Of the system error that it has replaced by one of its own. */
  readonly originalCode?: unknown;
  readonly command?: unknown;
  readonly response?: unknown;
  readonly responseCode?: unknown;
}

/**
 * The texts of nodemailer's errors hold what the server said, addresses included: codes are kept, and the
 * rest is left out, also of the cause. `hasBegun`: a byte of the message may have left.
 */
export function toSendError(thrown: unknown, hasBegun: boolean): SendError {
  const error: SmtpError = typeof thrown === 'object' && thrown !== null ? thrown : {};
  const status = enhancedStatus(error);
  const cause = new Error(`SMTP: ${factsOf(error, status) || 'no reason given'}`);
  return new SendError(
    failureKind(error, status, hasBegun),
    'The mail server has not accepted the message.',
    { cause, countsForBreaker: !isAboutRecipient(error, status) },
  );
}

/** In words between the numbers: `550 5.1.1` together has as many digits as a code, and events cut it out. */
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
  // What is cancelled may be about to begin.
  return hasBegun || error.code === 'EABORT' ? 'unknown' : 'unavailable';
}

/** Any other answer after the message, or none that can be read, may come from a server that has taken it. */
function isRefusal({ responseCode }: SmtpError): boolean {
  return typeof responseCode === 'number' && responseCode >= 400 && responseCode < 600;
}

/**
 * The server may be well all the same: it, or the one behind it, does not take mail for this address now. A relay
 * that hands the message on before it answers, or scans it for the recipient, says so after DATA only.
 */
function isAboutRecipient(
  { command, responseCode }: SmtpError,
  status: string | undefined,
): boolean {
  // 421: the server is about to close, whatever it was asked (RFC 5321, 4.2.2).
  if (typeof responseCode !== 'number' || responseCode === 421) return false;
  if (command === 'RCPT TO') return true;
  if (command !== 'DATA') return false;
  // Others of 4xx come from a server that is full or broken (RFC 3463: 1 is addressing, but 7 and 8 ours, 2 the mailbox).
  return responseCode >= 500 || (status !== undefined && /^4\.(?:1\.[0-36]$|2\.)/.test(status));
}

/** Refused for good because of the mailbox, and not because of us (5.7.x) or of the message. */
function isNoMailbox({ command, responseCode }: SmtpError, status: string | undefined): boolean {
  if (command !== 'RCPT TO' && command !== 'DATA') return false;
  if (status !== undefined) return /^5\.1\.[0-36]$|^5\.2\.1$/.test(status);
  // After DATA the code alone may mean the message.
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
