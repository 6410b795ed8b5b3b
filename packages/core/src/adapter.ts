export type { SessionOptions } from './lib/adapters/adapter-options.js';
export {
  assertService,
  basePathOption,
  DEFAULT_BASE_PATH,
  defaultBasePath,
  sessionOption,
} from './lib/adapters/adapter-options.js';
export type { ClientAddressConfig, ClientAddressOptions } from './lib/adapters/forwarded.js';
export {
  clientAddressOption,
  clientAddressOrFunctionOption,
  readForwarded,
} from './lib/adapters/forwarded.js';
export {
  hasLargeRest,
  linger,
  rawHeaderValues,
  readNodeBody,
} from './lib/adapters/node-request.js';
export { ROUTE_PATHS } from './lib/handle.js';
export type { BodyResult, JsonObject } from './lib/http/body.js';
export { parseJsonBody } from './lib/http/body.js';
export type { OtpRequest, OtpResponse, RequestBody, SessionId } from './lib/http/otp-request.js';
export { toErrorResponse } from './lib/http/response.js';
export type { CheckRequest } from './lib/request/check-request.js';
export { parseCheckRequest } from './lib/request/check-request.js';
export type { CreateRequest } from './lib/request/create-request.js';
export { parseCreateRequest } from './lib/request/create-request.js';
export type { SelectedFlow } from './lib/request/select-flow.js';
export { selectFlow } from './lib/request/select-flow.js';
export { assertSendable } from './lib/senders/assert-sendable.js';
export { isBeforeConnection } from './lib/senders/is-before-connection.js';
export type { NamedAddress } from './lib/senders/named-address.js';
export { namedAddress } from './lib/senders/named-address.js';
export type { FirstAttempt } from './lib/senders/with-second-attempt.js';
export { withSecondAttempt } from './lib/senders/with-second-attempt.js';
export {
  boolean,
  fn,
  instance,
  integer,
  optionsOf,
  parseOptions,
  text,
} from './lib/util/schema.js';
