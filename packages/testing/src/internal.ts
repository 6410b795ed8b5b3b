// For the tests of this repository alone: not built, not published.
export {
  assertFailure,
  assertResponse,
  assertVerified,
  CLEARED,
  JSON_BODY,
  NO_STORE,
  type TableCode,
} from './lib/http/assert-response.js';
export { directAdapter, directExchange, toOtpRequest } from './lib/http/direct-adapter.js';
export { showExchange } from './lib/http/exchange.js';
export { MESSAGES } from './lib/http/messages.js';
export {
  accepts,
  createFakeProvider,
  failing,
  hangs,
  isCut,
  isDown,
  refuses,
} from './lib/kit/fake-provider.js';
export { interceptVerbs } from './lib/kit/intercept-verbs.js';
export { EMAIL, PHONE, type ScenarioOptions } from './lib/kit/scenario.js';
export {
  answerOf,
  createFrom,
  email,
  fastestMs,
  limitBothFlows,
  phone,
  rejectionsDuring,
  replaceVerbs,
  setUp,
  type TestKit,
  tally,
  times,
  UNLIMITED,
} from './lib/kit/test-kit.js';
export { watchOutput } from './lib/kit/watch-output.js';
export {
  challengeClaims,
  createTestIssuer,
  decodePayload,
  encodeSegment,
  signCompact,
} from './lib/service/challenge-tokens.js';
export { isRecorded, recordCalls } from './lib/service/recording-store.js';
export {
  createOp,
  newCompletion,
  newGuess,
  newLimit,
  newRecord,
} from './lib/stores/store-world.js';
