import {
  basePathOption,
  type ClientAddressOptions,
  clientAddressOrFunctionOption,
  optionsOf,
  parseOptions,
  type SessionOptions,
  sessionOption,
} from '@otp/core/adapter';

/** Returns the address of the client that sent a request, or undefined if it is not known. */
export type ClientAddressFunction<Context> = (
  request: Request,
  context: Context,
) => string | undefined;

/** Options of `otpFetch`. `Context` is the second argument of the handler. */
export interface OtpFetchOptions<Context = unknown>
  extends SessionOptions<Request, [context: Context]> {
  /**
   * Path of the mount point in the URL of a request, where clients find `POST /`. A request to any other path is 404.
   * @default the path of `publicUrl` of the service, or else `/v1/session/otp`
   */
  readonly basePath?: string;
  /**
   * The client address, by a function, or by the header field to which proxies of yours add it.
   * @default no client has an address, and all share one limit
   */
  readonly clientAddress?: ClientAddressOptions | ClientAddressFunction<Context>;
}

/**
 * Validates the options of `otpFetch` and fills in their defaults.
 *
 * @param options what the host has written
 * @param call the function that takes them, such as `otpFetch()`
 * @returns the resolved options; `basePath` is undefined unless the host has written it
 * @throws TypeError that names the option and says what to write
 */
export function resolveOptions<Context>(options: OtpFetchOptions<Context>, call: string) {
  const schema = optionsOf<OtpFetchOptions<Context>>()({
    basePath: basePathOption,
    clientAddress: clientAddressOrFunctionOption<ClientAddressFunction<Context>>(),
    session: sessionOption<Request, [context: Context]>(),
  });
  return parseOptions(schema, options, call);
}
