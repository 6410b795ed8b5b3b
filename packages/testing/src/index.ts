export { adapterCases } from './lib/adapter-suite.js';
export type {
  AdapterUnderTest,
  Exchange,
  ExchangeRequest,
  ExchangeResponse,
  Header,
  MountedAdapter,
  MountOptions,
  PostOptions,
} from './lib/exchange.js';
export { cookieOf, headerValues, post } from './lib/exchange.js';
export { exchangeOver } from './lib/exchange-over.js';
export type { StoreProcesses } from './lib/race-processes.js';
export type { RecordingStore, StoreCall } from './lib/recording-store.js';
export { recordCalls } from './lib/recording-store.js';
export type { AdapterCase } from './lib/scenario.js';
export type {
  ProviderBehaviour,
  ReceivedMessage,
  SenderCase,
  SenderHarness,
  SenderUnderTest,
} from './lib/sender-suite.js';
export { senderCases } from './lib/sender-suite.js';
export type { StoreProcessCase } from './lib/store-process-suite.js';
export { storeProcessCases } from './lib/store-process-suite.js';
export { storeServiceCases } from './lib/store-service-suite.js';
export { storeSimulationCases } from './lib/store-simulation-cases.js';
export type { StoreCase, StoreHarness } from './lib/store-suite.js';
export { storeCases } from './lib/store-suite.js';
export type {
  TestClock,
  TestSender,
  TestService,
  TestServiceOptions,
} from './lib/test-service.js';
export {
  createTestClock,
  createTestSender,
  createTestService,
} from './lib/test-service.js';
export type { DpopKey, DpopProofOptions, Json, TestIssuer } from './lib/test-tokens.js';
export { createDpopKey, decodePayload, signDpopProof } from './lib/test-tokens.js';
