export type { DpopExpectation } from './lib/challenge/dpop.js';
export { verifyDpopProof } from './lib/challenge/dpop.js';
export { ROUTE_PATHS } from './lib/handle.js';
export type { BodyResult, JsonObject } from './lib/http/body.js';
export { MAX_BODY_BYTES, parseJsonBody } from './lib/http/body.js';
export type { OtpRequest, OtpResponse, RequestBody } from './lib/http/otp-request.js';
export type { CheckRequest, CreateRequest } from './lib/http/request.js';
export { parseCheckRequest, parseCreateRequest } from './lib/http/request.js';
export { toErrorResponse } from './lib/http/response.js';
export { addressBucket } from './lib/limits/client-address.js';
export type { SelectedFlow } from './lib/operations/select-flow.js';
export { selectFlow } from './lib/operations/select-flow.js';
export { assertService } from './lib/service.js';
export type { OptionNames } from './lib/util/known-options.js';
export { assertKnownOptions } from './lib/util/known-options.js';
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
