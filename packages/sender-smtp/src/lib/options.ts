import {
  instance,
  type NamedAddress,
  namedAddress,
  optionsOf,
  parseOptions,
} from '@otp/core/adapter';
import * as v from 'valibot';
import type { PluginHost } from './message-watch.js';

/** The part of nodemailer's transporter that the sender uses. */
export interface SmtpTransport extends PluginHost {
  readonly transporter?: { readonly name?: string };
  sendMail(mail: {
    from: NamedAddress;
    replyTo?: NamedAddress;
    to: NamedAddress;
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

/** The transport of nodemailer, and who sends. */
export interface SmtpSenderOptions {
  /**
   * The transport that nodemailer's `createTransport` returns, preferably without `pool`: connections of a pool may die
   * while they are idle. The sender adds a plugin to it.
   */
  readonly transport: SmtpTransport;
  /** The sender of every message: one address, such as `Example <no-reply@example.com>`. */
  readonly from: string;
  /** The address that replies go to, in the same form. @default none: replies go to `from` */
  readonly replyTo?: string;
}

const schema = optionsOf<SmtpSenderOptions>()({
  transport: instance<SmtpTransport>(
    ['sendMail', 'use'],
    'must be a transport that createTransport() of nodemailer returned',
  ),
  from: namedAddress(),
  replyTo: v.optional(namedAddress()),
});

export type SmtpSenderConfig = v.InferOutput<typeof schema>;

/** @throws TypeError that names the option and says what to write */
export function resolveOptions(options: SmtpSenderOptions): SmtpSenderConfig {
  return parseOptions(schema, options, 'createSmtpSender()');
}
