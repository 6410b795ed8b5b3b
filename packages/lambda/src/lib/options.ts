import { assertKnownOptions, type OptionNames } from '@otp/core/adapter';
import type { LambdaEvent } from './events.js';

export interface OtpHandlerOptions<Event extends LambdaEvent = LambdaEvent> {
  /** Where clients find `POST /`, without the stage. @default `/v1/session/otp` */
  readonly basePath?: string;
  /**
   * Id of the session that asks, null when nobody is signed in. With it, a challenge token of another
   * session is a `token_mismatch`. @default the host does not say
   */
  readonly session?: (
    event: Event,
  ) => string | null | undefined | Promise<string | null | undefined>;
  /**
   * Where the address of the client is, when something stands in front of what invokes the function.
   * @default whoever has connected to what invokes it
   */
  readonly clientAddress?: ForwardedAddress;
}

export interface ForwardedAddress {
  /** A header field with addresses by comma: every proxy adds the one that it is called from. */
  readonly header: string;
  /**
   * How many proxies of yours stand in front of what invokes the function, 1 for CloudFront alone: so many
   * addresses at the end of the list are theirs. When it is shorter, the default counts.
   */
  readonly trustedProxies: number;
}

export interface HandlerConfig {
  /** Empty for the root. */
  readonly basePath: string;
  readonly forwarded: ForwardedAddress | undefined;
}

const OPTIONS: OptionNames<OtpHandlerOptions> = {
  basePath: true,
  session: true,
  clientAddress: true,
};
const ADDRESS_OPTIONS: OptionNames<ForwardedAddress> = { header: true, trustedProxies: true };

/** @throws TypeError that names the option and says what to write. */
export function resolveOptions<Event extends LambdaEvent>(
  options: OtpHandlerOptions<Event>,
): HandlerConfig {
  assertKnownOptions(options, OPTIONS, 'otpHandler');
  const { basePath = '/v1/session/otp', session, clientAddress } = options;
  if (session !== undefined && typeof session !== 'function') {
    throw new TypeError('session must be a function of the event.');
  }
  return {
    basePath: parseBasePath(basePath),
    forwarded: clientAddress === undefined ? undefined : parseForwarded(clientAddress),
  };
}

function parseBasePath(basePath: unknown): string {
  if (typeof basePath !== 'string' || !/^\/(?:[^/?#\s][^?#\s]*)?$/.test(basePath)) {
    throw new TypeError('basePath must be a path from its first slash on: /v1/session/otp');
  }
  return basePath.replace(/\/+$/, '');
}

function parseForwarded(options: ForwardedAddress): ForwardedAddress {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(
      "clientAddress must be like { header: 'x-forwarded-for', trustedProxies: 1 }.",
    );
  }
  assertKnownOptions(options, ADDRESS_OPTIONS, 'clientAddress');
  const { header, trustedProxies } = options;
  if (typeof header !== 'string' || !/^[a-z0-9-]+$/i.test(header)) {
    throw new TypeError('clientAddress.header must be the name of a header field.');
  }
  if (!Number.isInteger(trustedProxies) || trustedProxies < 0) {
    throw new TypeError('clientAddress.trustedProxies must be a whole number from 0.');
  }
  return { header: header.toLowerCase(), trustedProxies };
}
