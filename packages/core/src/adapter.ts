export { assertSendable } from './lib/delivery/assert-sendable.js';
export { isBeforeConnection } from './lib/delivery/is-before-connection.js';
export type { NamedAddress } from './lib/delivery/named-address.js';
export { namedAddress } from './lib/delivery/named-address.js';
export type { FirstAttempt } from './lib/delivery/with-second-attempt.js';
export { withSecondAttempt } from './lib/delivery/with-second-attempt.js';
export { ROUTE_PATHS } from './lib/handle.js';
export type { SessionOptions } from './lib/http/adapter-options.js';
export {
  assertService,
  basePathOption,
  DEFAULT_BASE_PATH,
  optionalBasePathOption,
  sessionOption,
} from './lib/http/adapter-options.js';
export type { BodyResult, JsonObject } from './lib/http/body.js';
export { parseJsonBody } from './lib/http/body.js';
export type { ClientAddressConfig, ClientAddressOptions } from './lib/http/forwarded.js';
export {
  clientAddressOption,
  clientAddressOrFunctionOption,
  readForwarded,
} from './lib/http/forwarded.js';
export {
  hasLargeRest,
  linger,
  rawHeaderValues,
  readNodeBody,
} from './lib/http/node-request.js';
export type { OtpRequest, OtpResponse, RequestBody, SessionId } from './lib/http/otp-request.js';
export { toErrorResponse } from './lib/http/response.js';
export type { CheckRequest } from './lib/operations/check-request.js';
export { parseCheckRequest } from './lib/operations/check-request.js';
export type { CreateRequest } from './lib/operations/create-request.js';
export { parseCreateRequest } from './lib/operations/create-request.js';
export type { SelectedFlow } from './lib/operations/select-flow.js';
export { selectFlow } from './lib/operations/select-flow.js';
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
