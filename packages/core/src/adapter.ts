export type { DpopExpectation } from './lib/challenge/dpop.js';
export { verifyDpopProof } from './lib/challenge/dpop.js';
export { assertSendable } from './lib/delivery/assert-sendable.js';
export { isBeforeConnection } from './lib/delivery/is-before-connection.js';
export { ROUTE_PATHS } from './lib/handle.js';
export type { SessionOptions } from './lib/http/adapter-options.js';
export { assertService, basePathOption, sessionOption } from './lib/http/adapter-options.js';
export type { ClientAddressConfig, ClientAddressOptions } from './lib/http/forwarded.js';
export { clientAddressOption, readForwarded } from './lib/http/forwarded.js';
export type { OtpRequest, OtpResponse, RequestBody, SessionId } from './lib/http/otp-request.js';
export { toErrorResponse } from './lib/http/response.js';
export {
  boolean,
  fn,
  instance,
  integer,
  oneOf,
  optionsOf,
  parseOptions,
  text,
} from './lib/util/schema.js';
