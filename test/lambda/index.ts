export type { Connection, Gateway, GatewayName } from './gateways.js';
export { GATEWAY_NAMES, GATEWAYS, receivedThrough } from './gateways.js';
export type { LambdaRuntime, LambdaRuntimeOptions } from './runtime.js';
export { startLambdaRuntime } from './runtime.js';
