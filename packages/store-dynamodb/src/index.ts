export type { DynamoAdminClient, DynamoClient, SendOptions } from './lib/client.js';
export { createTable } from './lib/create-table.js';
export type { DynamoFailure } from './lib/dynamo-error.js';
export { DynamoStoreError } from './lib/dynamo-error.js';
export { createDynamoStore } from './lib/dynamo-store.js';
export type { DynamoStoreOptions } from './lib/options.js';
