export { createDynamoStore } from './lib/dynamo-store.js';
export type { DynamoStoreOptions } from './lib/options.js';
export type { DynamoAdminClient, DynamoClient, SendOptions } from './lib/table/client.js';
export { createTable } from './lib/table/create-table.js';
export type { DynamoFailure } from './lib/table/dynamo-error.js';
export { DynamoStoreError } from './lib/table/dynamo-error.js';
