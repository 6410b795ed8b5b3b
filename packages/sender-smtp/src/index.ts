export type { SmtpSenderOptions, SmtpTransport } from './lib/options.js';
export { createSmtpSender } from './lib/smtp-sender.js';
