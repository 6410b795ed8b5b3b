import { assertKnownOptions, type OptionNames } from '@otp/core/adapter';

export interface ClientAddressOptions {
  /** The field in which a proxy of yours names the client, for instance `x-forwarded-for`. */
  readonly header: string;
  /** How many proxies of yours add an address to that field, one behind the other. @default 1 */
  readonly trustedProxies?: number;
}

const OPTIONS: OptionNames<ClientAddressOptions> = { header: true, trustedProxies: true };

/**
 * How to find the client address in a request: the entry that the outermost trusted proxy has added, counted
 * from the right, because a client can write what stands to the left. Undefined, one bucket for all, when the
 * field is absent or too short for that proxy to have been there.
 * @throws TypeError for options that cannot be meant.
 */
export function createAddressReader(
  options: ClientAddressOptions | undefined,
): (headers: Headers) => string | undefined {
  if (options === undefined) return () => undefined;
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(
      "clientAddress must be like { header: 'x-forwarded-for', trustedProxies: 1 }",
    );
  }
  assertKnownOptions(options, OPTIONS, 'clientAddress');
  const { header, trustedProxies = 1 } = options;
  if (typeof header !== 'string' || !/^[\w!#$%&'*+.^`|~-]+$/.test(header)) {
    throw new TypeError("clientAddress.header must be a field name, such as 'x-forwarded-for'");
  }
  if (!Number.isSafeInteger(trustedProxies) || trustedProxies < 1) {
    throw new TypeError(
      'clientAddress.trustedProxies must be a whole number from 1; without a proxy leave clientAddress out',
    );
  }
  return (headers) => headers.get(header)?.split(',').at(-trustedProxies)?.trim();
}
