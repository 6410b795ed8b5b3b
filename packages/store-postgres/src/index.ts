export type { CleanUpOptions } from './lib/clean-up.js';
export { cleanUp } from './lib/clean-up.js';
export { migrate } from './lib/migrate.js';
export type { PostgresStoreOptions, SchemaOptions } from './lib/options.js';
export type {
  PostgresClient,
  PostgresConnection,
  PostgresPool,
  PostgresQuery,
} from './lib/postgres-client.js';
export { PostgresStoreError } from './lib/postgres-error.js';
export { createPostgresStore } from './lib/postgres-store.js';
