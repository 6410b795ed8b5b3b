import { createHash } from 'node:crypto';
import { type OtpMessage, SendError, type Sender } from '@otp/core';
import { followMessages, MessageWatch, type PluginHost } from './message-watch.js';
import { toSendError } from './smtp-errors.js';

/** What is used of nodemailer's transporter. */
export interface SmtpTransport extends PluginHost {
  sendMail(mail: {
    from: string;
    replyTo?: string;
    to: { name: string; address: string };
    subject: string;
    text: string;
    html?: string;
    messageId: string;
    headers: Record<string, string>;
    disableFileAccess: boolean;
    disableUrlAccess: boolean;
    messageWatch: object;
    signal: AbortSignal;
  }): Promise<unknown>;
}

export interface SmtpSenderOptions {
  /** What nodemailer's `createTransport` returned. It gets a plugin that sees whether a message has begun to go out. */
  readonly transport: SmtpTransport;
  /** Who the message is from, like `Example <no-reply@example.com>`. */
  readonly from: string;
  /** Where answers go. @default nowhere else than `from` */
  readonly replyTo?: string;
}

/**
 * Sends e-mail through nodemailer, with a `Message-ID` that stays the same for a repeat of the same send.
 * Rejects with a `SendError`: `rejected` when the server refuses the mailbox for good (RFC 5321, RFC 3463),
 * `unavailable` when it has not taken the message, `unknown` when it may have.
 */
export function createSmtpSender({ transport, from, replyTo }: SmtpSenderOptions): Sender {
  if (typeof transport?.sendMail !== 'function' || typeof transport.use !== 'function') {
    throw new TypeError('transport must be what createTransport of nodemailer returns.');
  }
  const domain = domainOf(from);
  if (domain === undefined) {
    throw new TypeError("from must hold one address, like 'Example <no-reply@example.com>'.");
  }
  if (replyTo !== undefined && domainOf(replyTo) === undefined) {
    throw new TypeError("replyTo must hold one address, like 'help@example.com'.");
  }
  followMessages(transport);
  return {
    async send(message) {
      assertEmail(message);
      const { to, content, idempotencyKey, signal } = message;
      const messageWatch = new MessageWatch();
      try {
        await transport.sendMail({
          from,
          ...(replyTo === undefined ? {} : { replyTo }),
          // As an object, so that nothing parses the address again (CVE-2025-14874).
          to: { name: '', address: to },
          subject: content.subject ?? '',
          text: content.text,
          ...(content.html === undefined ? {} : { html: content.html }),
          messageId: messageId(idempotencyKey, domain),
          // RFC 3834: keeps out-of-office replies away.
          headers: { 'Auto-Submitted': 'auto-generated' },
          disableFileAccess: true,
          disableUrlAccess: true,
          messageWatch,
          signal,
        });
      } catch (error) {
        throw toSendError(error, messageWatch.hasBeenRead());
      }
    },
  };
}

function assertEmail({ channel, signal }: OtpMessage): void {
  if (channel !== 'email') throw new SendError('unavailable', 'SMTP carries e-mail only.');
  if (signal.aborted) throw new SendError('unavailable', 'The time was up before the send began.');
}

/** The domain of the one address that a From field holds, alone or in angle brackets. */
function domainOf(field: unknown): string | undefined {
  if (typeof field !== 'string' || /[\r\n]/.test(field)) return undefined;
  return /^(?:[^<>]*<[^<>@\s,;]+@([a-z0-9.-]+)>|[^<>@\s,;]+@([a-z0-9.-]+))$/i
    .exec(field.trim())
    ?.slice(1)
    .find((domain) => domain !== undefined);
}

/** By a hash, because the key may hold what an RFC 5322 `msg-id` may not. */
function messageId(idempotencyKey: string, domain: string): string {
  const name = createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 32);
  return `<${name}@${domain}>`;
}
