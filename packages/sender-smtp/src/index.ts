export { createSmtpSender, type SmtpSenderOptions, type SmtpTransport } from './lib/smtp-sender.js';
