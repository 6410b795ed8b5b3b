// What tests of this repository need of this package beyond what it exports. Not built, not published.
export {
  assertFailure,
  assertResponse,
  assertVerified,
  CLEARED,
  JSON_BODY,
  NO_STORE,
  type TableCode,
} from './lib/assert-response.js';
export { directAdapter, directExchange, toOtpRequest } from './lib/direct.js';
export { showExchange } from './lib/exchange.js';
export {
  accepts,
  createFakeProvider,
  failing,
  hangs,
  isCut,
  isDown,
  refuses,
} from './lib/fake-provider.js';
export { interceptVerbs } from './lib/intercept-verbs.js';
export { MESSAGES } from './lib/messages.js';
export { isRecorded } from './lib/recording-store.js';
export { EMAIL, PHONE, type ScenarioOptions } from './lib/scenario.js';
export { createOp, newLimit, newRecord } from './lib/store-world.js';
export {
  answerOf,
  email,
  fastestMs,
  phone,
  rejectionsDuring,
  replaceVerbs,
  setUp,
  type TestKit,
  tally,
  times,
  UNLIMITED,
} from './lib/test-kit.js';
export {
  challengeClaims,
  createTestIssuer,
  encodeSegment,
  signCompact,
} from './lib/test-tokens.js';
export { watchOutput } from './lib/watch-output.js';
