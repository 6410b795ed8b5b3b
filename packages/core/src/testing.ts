export { adapterCases } from './lib/testing/adapter-suite.js';
export type { CompareOptions } from './lib/testing/compare-adapter.js';
export { compareWithHandle } from './lib/testing/compare-adapter.js';
export type {
  AdapterUnderTest,
  Exchange,
  ExchangeRequest,
  ExchangeResponse,
  Header,
  MountedAdapter,
  MountOptions,
  PostOptions,
} from './lib/testing/exchange.js';
export { cookieOf, headerValues, post } from './lib/testing/exchange.js';
export { exchangeOver } from './lib/testing/exchange-over.js';
export type { StoreProcesses } from './lib/testing/race-processes.js';
export type { RawResponse } from './lib/testing/raw-client.js';
export { RawClient, rawRequest } from './lib/testing/raw-client.js';
export type { RecordingStore, StoreCall } from './lib/testing/recording-store.js';
export { recordCalls } from './lib/testing/recording-store.js';
export type { AdapterCase } from './lib/testing/scenario.js';
export type {
  ProviderBehaviour,
  ReceivedMessage,
  SenderCase,
  SenderHarness,
  SenderUnderTest,
} from './lib/testing/sender-suite.js';
export { senderCases } from './lib/testing/sender-suite.js';
export type { StoreProcessCase } from './lib/testing/store-process-suite.js';
export { storeProcessCases } from './lib/testing/store-process-suite.js';
export { storeServiceCases } from './lib/testing/store-service-suite.js';
export { storeSimulationCases } from './lib/testing/store-simulation-cases.js';
export type { StoreCase, StoreHarness } from './lib/testing/store-suite.js';
export { storeCases } from './lib/testing/store-suite.js';
export type {
  TestClock,
  TestSender,
  TestService,
  TestServiceOptions,
} from './lib/testing/test-service.js';
export {
  createTestClock,
  createTestSender,
  createTestService,
} from './lib/testing/test-service.js';
export type { DpopKey, DpopProofOptions, Json, TestIssuer } from './lib/testing/test-tokens.js';
export { createDpopKey, decodePayload, signDpopProof } from './lib/testing/test-tokens.js';
