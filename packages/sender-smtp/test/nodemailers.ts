import { createTransport } from 'nodemailer';
import { createTransport as createTransport7 } from 'nodemailer7';
import { createTransport as createTransport8 } from 'nodemailer8';
import { createTransport as createTransport9 } from 'nodemailer9';
import type { SmtpTransport } from '../src/index.js';

export interface TransportOptions {
  readonly host: string;
  readonly port: number;
  readonly pool?: boolean;
  readonly ignoreTLS?: boolean;
  readonly requireTLS?: boolean;
  readonly secure?: boolean;
  readonly socketTimeout?: number;
  readonly auth?: { readonly user: string; readonly pass: string };
  readonly tls?: { readonly ca: string };
}

export type CreateTransport = (options: TransportOptions) => SmtpTransport & { close(): void };

/** Each major version that the peer range allows, by name. */
export const NODEMAILERS: readonly (readonly [string, CreateTransport])[] = [
  ['nodemailer 7', (options) => createTransport7(options)],
  ['nodemailer 8', (options) => createTransport8(options)],
  ['nodemailer 9', (options) => createTransport9(options)],
  ['nodemailer 10', (options) => createTransport(options)],
];
