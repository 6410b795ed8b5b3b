import type {
  Channel,
  CheckReservation,
  Limit,
  NewRecord,
  OtpStore,
  Refused,
  SendReservation,
  Tallied,
  Tally,
} from '@otp/core/store';
import { toCharged, toCheckReservation, toSendReservation, toTallied } from './answers.js';
import { SCHEMA_VERSION } from './migrate.js';
import { assertKnown, type SchemaOptions, schemaName } from './options.js';
import type { PostgresClient } from './postgres-client.js';
import { PostgresStoreError } from './postgres-error.js';
import { onlyRow, type Row } from './row.js';
import { runStatement, type Statement } from './run-statement.js';

export interface PostgresStoreOptions extends SchemaOptions {
  /** The host's own pool of `pg`, or anything with its `query`. The store never ends it. */
  readonly pool: PostgresClient;
  /** Milliseconds that one operation may take, waiting for a connection included. @default 500 */
  readonly timeLimitMs?: number;
}

/**
 * Keeps verifications and limits in Postgres, by the database's clock. Each verb is one statement that needs nothing
 * of its connection, so PgBouncer in transaction mode will do. `migrate` has to have been run.
 */
export function createPostgresStore(options: PostgresStoreOptions): OtpStore {
  // First, because a pool in the place of the options has names of its own.
  if (typeof options?.pool?.query !== 'function') {
    throw new TypeError('pool must be a Pool of pg, or have its method query: { pool }.');
  }
  assertKnown(options, ['pool', 'schema', 'timeLimitMs']);
  const { pool, timeLimitMs = 500 } = options;
  if (!Number.isInteger(timeLimitMs) || timeLimitMs < 1 || timeLimitMs > 60_000) {
    throw new TypeError('timeLimitMs must be a whole number from 1 to 60000.');
  }
  return new PostgresStore(pool, schemaName(options), timeLimitMs);
}

type Verb = Exclude<keyof OtpStore, 'close'>;

/** A `charge` may count again when others came between, and a `refund` and a `tally` always. */
function statements(schema: string): Readonly<Record<Verb, Statement>> {
  const call = (verb: Verb, text: string, isIdempotent = true) => ({ verb, text, isIdempotent });
  return {
    open: call('open', `SELECT * FROM ${schema}.open($1, $2)`),
    reserveCheck: call('reserveCheck', `SELECT * FROM ${schema}.reserve_check($1, $2, $3)`),
    reserveSend: call('reserveSend', `SELECT * FROM ${schema}.reserve_send($1, $2, $3)`),
    cancel: call('cancel', `SELECT ${schema}.cancel($1, $2, $3)`),
    recordChannel: call('recordChannel', `SELECT ${schema}.record_channel($1, $2, $3)`),
    claim: call('claim', `SELECT ${schema}.claim($1, $2) AS claimed`),
    charge: call('charge', `SELECT * FROM ${schema}.charge($1, $2)`, false),
    refund: call('refund', `SELECT ${schema}.refund($1)`, false),
    tally: call('tally', `SELECT * FROM ${schema}.tally($1)`, false),
    reset: call('reset', `SELECT ${schema}.reset($1)`),
    ping: call('ping', `SELECT FROM ${schema}.migration WHERE version = $1`),
  };
}

class PostgresStore implements OtpStore {
  readonly #pool: PostgresClient;
  readonly #statements: Readonly<Record<Verb, Statement>>;
  readonly #timeLimitMs: number;

  constructor(pool: PostgresClient, schema: string, timeLimitMs: number) {
    this.#pool = pool;
    this.#statements = statements(schema);
    this.#timeLimitMs = timeLimitMs;
  }

  async open(record: NewRecord, limits: readonly Limit[]): Promise<{ ok: true } | Refused> {
    return toCharged(await this.#row('open', JSON.stringify(record), JSON.stringify(limits)));
  }

  async reserveCheck(id: string, binding: string | null, op: string): Promise<CheckReservation> {
    return toCheckReservation(await this.#row('reserveCheck', id, binding, op));
  }

  async reserveSend(id: string, limits: readonly Limit[], op: string): Promise<SendReservation> {
    return toSendReservation(await this.#row('reserveSend', id, JSON.stringify(limits), op));
  }

  async cancel(id: string, send: number, refunds: readonly Limit[]): Promise<void> {
    await this.#run('cancel', id, send, keysOf(refunds));
  }

  async recordChannel(id: string, send: number, channel: Channel): Promise<void> {
    await this.#run('recordChannel', id, send, channel);
  }

  async claim(id: string, op: string): Promise<boolean> {
    const { claimed } = await this.#row('claim', id, op);
    return claimed === true;
  }

  async charge(limits: readonly Limit[], op: string): Promise<{ ok: true } | Refused> {
    return toCharged(await this.#row('charge', JSON.stringify(limits), op));
  }

  async refund(limits: readonly Limit[]): Promise<void> {
    await this.#run('refund', keysOf(limits));
  }

  async tally(tallies: readonly Tally[]): Promise<readonly Tallied[]> {
    return toTallied(await this.#run('tally', JSON.stringify(tallies)));
  }

  async reset(keys: readonly string[]): Promise<void> {
    await this.#run('reset', [...keys]);
  }

  async ping(): Promise<void> {
    const rows = await this.#run('ping', SCHEMA_VERSION);
    if (rows.length === 0) {
      throw new PostgresStoreError('the schema is older than the store: run migrate() first');
    }
  }

  /** The pool is the host's. */
  async close(): Promise<void> {}

  async #row(verb: Verb, ...values: unknown[]): Promise<Row> {
    return onlyRow(await this.#run(verb, ...values));
  }

  #run(verb: Verb, ...values: unknown[]): Promise<readonly unknown[]> {
    const timeLimitMs = this.#timeLimitMs;
    return runStatement(this.#pool, this.#statements[verb], { values, timeLimitMs });
  }
}

function keysOf(limits: readonly Limit[]): string[] {
  return limits.map(({ key }) => key);
}
