import { createHash } from 'node:crypto';
import type { Sender } from '@otp/core';
import { assertSendable, type FirstAttempt, withSecondAttempt } from '@otp/core/adapter';
import { followMessages, MessageWatch } from './message-watch.js';
import { resolveOptions, type SmtpSenderOptions, type SmtpTransport } from './options.js';
import { isReply, toSendError } from './smtp-errors.js';

/**
 * Creates a sender for e-mail over SMTP, with nodemailer.
 *
 * A repeat of the same send has the same `Message-ID`. `send` rejects with a `SendError`: `rejected` if the server refuses
 * the mailbox for good (RFC 5321, RFC 3463), `unavailable` if it has not accepted the message, `unknown` if it may have.
 *
 * @param options the transport of nodemailer and the addresses; see {@link SmtpSenderOptions}
 * @returns a sender for the channel `email`
 * @throws TypeError for an option that is missing, unknown or wrong
 * @example
 * const transport = createTransport({ host: 'smtp.example.com', port: 587, requireTLS: true });
 * const sender = createSmtpSender({ transport, from: 'Shop <no-reply@example.com>' });
 */
export function createSmtpSender(options: SmtpSenderOptions): Sender {
  const { transport, from, replyTo } = resolveOptions(options);
  const domain = from.address.replace(/^.*@/, '');
  followMessages(transport);
  return {
    async send(message) {
      assertSendable(message, ['email'], 'SMTP');
      const { to, content, idempotencyKey } = message;
      const mail = {
        // Objects, so that nodemailer does not parse addresses again (CVE-2025-14874).
        from,
        ...(replyTo === undefined ? {} : { replyTo }),
        to: { name: '', address: to },
        subject: content.subject ?? '',
        text: content.text,
        ...(content.html === undefined ? {} : { html: content.html }),
        messageId: toMessageId(idempotencyKey, domain),
        // RFC 3834: prevents out-of-office replies.
        headers: { 'Auto-Submitted': 'auto-generated' },
        disableFileAccess: true,
        disableUrlAccess: true,
      };
      let watch: MessageWatch | undefined;
      const hasBegun = () => watch?.hasBeenRead() ?? false;
      const attempt = (limit: AbortSignal) => {
        // A signal for this attempt alone, so that its listeners do not stay on the signal of the message.
        const signal = AbortSignal.any([limit]);
        const messageWatch = new MessageWatch(signal);
        watch = messageWatch;
        const sent = transport.sendMail({ ...mail, messageWatch, signal });
        return untilAborted(
          signal,
          sent.finally(() => messageWatch.end()),
        );
      };
      try {
        if (isPool(transport)) await withSecondAttempt(message, attempt, firstAttempt(hasBegun));
        else await attempt(message.signal);
      } catch (error) {
        throw toSendError(error, hasBegun());
      }
    },
  };
}

function isPool({ transporter }: SmtpTransport): boolean {
  return transporter?.name === 'SMTP (pool)';
}

/** Once the server has requested the message, the connection is alive. Before that, a second attempt cannot send it twice. */
function firstAttempt(hasBegun: () => boolean): FirstAttempt {
  return { isAlive: hasBegun, isLost: (error) => !hasBegun() && !isReply(error) };
}

/** Nodemailer before 10.6 ignores the signal. */
async function untilAborted(signal: AbortSignal, sent: Promise<unknown>): Promise<unknown> {
  const aborted = new Promise<never>((_, reject) => {
    const abort = () => reject(Object.assign(new Error('aborted'), { code: 'EABORT' }));
    signal.addEventListener('abort', abort, { once: true });
  });
  return Promise.race([sent, aborted]);
}

/** A hash, because the key may hold characters that a `msg-id` may not (RFC 5322, 3.6.4). */
function toMessageId(idempotencyKey: string, domain: string): string {
  const name = createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 32);
  return `<${name}@${domain}>`;
}
