import { instance, optionsOf, parseOptions } from '@otp/core/adapter';
import * as v from 'valibot';
import type { PluginHost } from './message-watch.js';

/** The part of nodemailer's transporter that the sender uses. */
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
  /** The transport that nodemailer's `createTransport` returns. The sender adds a plugin to it. */
  readonly transport: SmtpTransport;
  /** The sender of every message: one address, such as `Example <no-reply@example.com>`. */
  readonly from: string;
  /** The address that replies go to, in the same form. @default none: replies go to `from` */
  readonly replyTo?: string;
}

const address = v.custom<string>(
  (value) => domainOf(value) !== undefined,
  "must hold one address, like 'Example <no-reply@example.com>'",
);

const schema = optionsOf<SmtpSenderOptions>()({
  transport: instance<SmtpTransport>(
    ['sendMail', 'use'],
    'must be a transport that createTransport() of nodemailer returned',
  ),
  from: address,
  replyTo: v.optional(address),
});

export interface SmtpSenderConfig extends SmtpSenderOptions {
  /** The domain of `from`. */
  readonly domain: string;
}

/** @throws TypeError that names the option and says what to write */
export function resolveOptions(options: SmtpSenderOptions): SmtpSenderConfig {
  const { transport, from, replyTo } = parseOptions(schema, options, 'createSmtpSender()');
  return {
    transport,
    from,
    ...(replyTo === undefined ? {} : { replyTo }),
    domain: domainOf(from) ?? '',
  };
}

/** The domain of the one address that a From field holds, alone or in angle brackets. */
function domainOf(field: unknown): string | undefined {
  if (typeof field !== 'string' || /[\r\n]/.test(field)) return undefined;
  return /^(?:[^<>]*<[^<>@\s,;]+@([a-z0-9.-]+)>|[^<>@\s,;]+@([a-z0-9.-]+))$/i
    .exec(field.trim())
    ?.slice(1)
    .find((domain) => domain !== undefined);
}
