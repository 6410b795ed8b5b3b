import * as v from 'valibot';
import { isFieldName } from '../http/field-name.js';
import type { OtpRequest } from '../http/otp-request.js';
import { fn, integer, optionsOf } from '../util/schema.js';
import { forwardedFor } from './forwarded-header.js';

/** Where to read the client address behind proxies of yours. */
export interface ClientAddressOptions {
  /**
   * Header field to which your proxies add the address that they are called from, such as `x-forwarded-for`. The name
   * decides the syntax: `forwarded` is read as RFC 7239, `cloudfront-viewer-address` as an address that is always followed
   * by a colon and a port, any other field as addresses separated by commas.
   */
  readonly header: string;
  /**
   * How many proxies of yours add an address to this field, 1 to 16. The client is at this index from the right of the
   * list, 1 being the last entry, because a client can write everything to the left of it.
   * @default 1
   */
  readonly trustedProxies?: number;
}

/** A resolved `ClientAddressOptions`; the name of the field is in lower case. */
export type ClientAddressConfig = Readonly<Required<ClientAddressOptions>>;

const clientAddressObject = optionsOf<ClientAddressOptions>()(
  {
    header: v.pipe(
      v.custom<string>(isFieldName, 'must be the name of a header field, such as x-forwarded-for'),
      v.toLowerCase(),
    ),
    trustedProxies: v.optional(integer(1, 16), 1),
  },
  "must be an object like { header: 'x-forwarded-for' }",
);

/** Schema of the option `clientAddress`. */
export const clientAddressOption = v.optional(clientAddressObject);

/**
 * The schema of the option `clientAddress` of an adapter that also takes a function.
 *
 * @returns the schema; it puts out the function, or the resolved options
 */
export function clientAddressOrFunctionOption<
  Type extends (...args: never[]) => string | undefined,
>() {
  type Schema = v.GenericSchema<ClientAddressOptions | Type, ClientAddressConfig | Type>;
  return v.optional(
    v.lazy((value): Schema => (typeof value === 'function' ? fn<Type>() : clientAddressObject)),
  );
}

/**
 * Reads the entry that the outermost of the trusted proxies has added to a header field.
 *
 * @param header returns every value of a header field; the values are read as one list, separated by commas
 * @param config the field, whose name decides the syntax, and the number of trusted proxies
 * @returns the entry, or undefined when the field is absent, or has fewer entries than there are proxies
 */
export function readForwarded(
  header: OtpRequest['header'],
  { header: name, trustedProxies }: ClientAddressConfig,
): string | undefined {
  const list = header(name).join(',');
  if (name === 'forwarded') return forwardedFor(list, trustedProxies);
  const entry = list.split(',').at(-trustedProxies)?.trim();
  // CloudFront writes an IPv6 address without brackets, so only the name of the field shows that a port follows.
  return (name === VIEWER_ADDRESS ? entry?.replace(/:\d+$/, '') : entry) || undefined;
}

const VIEWER_ADDRESS = 'cloudfront-viewer-address';
