export type { Connection, Gateway, GatewayName } from './lib/testing/gateways.js';
export { GATEWAYS } from './lib/testing/gateways.js';
export type { LambdaRuntime, LambdaRuntimeOptions } from './lib/testing/runtime.js';
export { startLambdaRuntime } from './lib/testing/runtime.js';
