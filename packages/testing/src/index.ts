export { adapterCases } from './lib/adapters/adapter-suite.js';
export type {
  AdapterUnderTest,
  Exchange,
  ExchangeRequest,
  ExchangeResponse,
  Header,
  MountedAdapter,
  MountOptions,
  PostOptions,
} from './lib/http/exchange.js';
export { cookieOf, headerValues, post } from './lib/http/exchange.js';
export { exchangeOver } from './lib/http/exchange-over.js';
export type { AdapterCase } from './lib/kit/scenario.js';
export type {
  ProviderBehaviour,
  ReceivedMessage,
  SenderCase,
  SenderHarness,
  SenderUnderTest,
} from './lib/senders/sender-suite.js';
export { senderCases } from './lib/senders/sender-suite.js';
export { createTestMessage } from './lib/senders/test-message.js';
export type { Json, TestIssuer } from './lib/service/challenge-tokens.js';
export type { DpopKey, DpopProofOptions } from './lib/service/dpop.js';
export { createDpopKey, signDpopProof } from './lib/service/dpop.js';
export type { RecordingStore, StoreCall } from './lib/service/recording-store.js';
export type { TestClock } from './lib/service/test-clock.js';
export { createTestClock } from './lib/service/test-clock.js';
export type { TestSender } from './lib/service/test-sender.js';
export { createTestSender } from './lib/service/test-sender.js';
export type { TestService, TestServiceOptions } from './lib/service/test-service.js';
export { createTestService } from './lib/service/test-service.js';
export type { StoreProcesses } from './lib/store-processes/race-processes.js';
export type { StoreProcessCase } from './lib/store-processes/store-process-suite.js';
export { storeProcessCases } from './lib/store-processes/store-process-suite.js';
export { storeSimulationCases } from './lib/store-service/simulation-cases.js';
export { storeServiceCases } from './lib/store-service/store-service-suite.js';
export type { StoreCase, StoreHarness } from './lib/stores/store-suite.js';
export { storeCases } from './lib/stores/store-suite.js';
