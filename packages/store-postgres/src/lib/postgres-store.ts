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
import { SCHEMA_VERSION } from './migrate.js';
import { type PostgresStoreConfig, type PostgresStoreOptions, resolveOptions } from './options.js';
import type { PostgresClient } from './postgres-client.js';
import { PostgresStoreError } from './postgres-error.js';
import {
  parseCharged,
  parseCheckReservation,
  parseSendReservation,
  parseTallied,
} from './results.js';
import { onlyRow, type Row } from './row.js';
import { runStatement, type Statement } from './run-statement.js';

/**
 * Creates a store that keeps verifications and limits in Postgres, by the clock of the database. Each verb is one
 * statement that keeps nothing in its connection, so PgBouncer may run in transaction mode. Run `migrate` first.
 *
 * @param options the pool and, if needed, schema and time limit
 * @returns the store for `createOtpService`; it rejects with a `PostgresStoreError`, and `close` leaves the pool open
 * @throws TypeError for a wrong option; the message says what to write
 * @example
 * await migrate(pool);
 * const store = createPostgresStore({ pool });
 */
export function createPostgresStore(options: PostgresStoreOptions): OtpStore {
  return new PostgresStore(resolveOptions(options));
}

type Verb = Exclude<keyof OtpStore, 'close'>;

/** A repeated `charge` may count again after another call charged the same limits; a `refund` or `tally` always does. */
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
  readonly #timeoutMs: number;

  constructor({ pool, schema, timeoutMs }: PostgresStoreConfig) {
    this.#pool = pool;
    this.#statements = statements(schema);
    this.#timeoutMs = timeoutMs;
  }

  async open(record: NewRecord, limits: readonly Limit[]): Promise<{ ok: true } | Refused> {
    return parseCharged(await this.#row('open', JSON.stringify(record), JSON.stringify(limits)));
  }

  async reserveCheck(id: string, binding: string | null, op: string): Promise<CheckReservation> {
    return parseCheckReservation(await this.#row('reserveCheck', id, binding, op));
  }

  async reserveSend(id: string, limits: readonly Limit[], op: string): Promise<SendReservation> {
    return parseSendReservation(await this.#row('reserveSend', id, JSON.stringify(limits), op));
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
    return parseCharged(await this.#row('charge', JSON.stringify(limits), op));
  }

  async refund(limits: readonly Limit[]): Promise<void> {
    await this.#run('refund', keysOf(limits));
  }

  async tally(tallies: readonly Tally[]): Promise<readonly Tallied[]> {
    return parseTallied(await this.#run('tally', JSON.stringify(tallies)));
  }

  async reset(keys: readonly string[]): Promise<void> {
    await this.#run('reset', [...keys]);
  }

  async ping(): Promise<void> {
    const rows = await this.#run('ping', SCHEMA_VERSION);
    if (rows.length === 0) {
      throw new PostgresStoreError(
        'the schema is older than the store: run migrate() of @otp/store-postgres first',
      );
    }
  }

  /** Does nothing: the host owns the pool. */
  async close(): Promise<void> {}

  async #row(verb: Verb, ...values: unknown[]): Promise<Row> {
    return onlyRow(await this.#run(verb, ...values));
  }

  #run(verb: Verb, ...values: unknown[]): Promise<readonly unknown[]> {
    const timeoutMs = this.#timeoutMs;
    return runStatement(this.#pool, this.#statements[verb], { values, timeoutMs });
  }
}

function keysOf(limits: readonly Limit[]): string[] {
  return limits.map(({ key }) => key);
}
