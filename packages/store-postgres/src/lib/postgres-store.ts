import type {
  CheckReservation,
  Completed,
  Completion,
  Guess,
  Limit,
  NewRecord,
  Opened,
  OtpStore,
  RecordStatus,
  Refused,
  SendReservation,
  SentMessage,
  Tally,
} from '@otp/core/store';
import { inTurns, type Turns } from './in-turns.js';
import { SCHEMA_VERSION } from './migrate.js';
import { type PostgresStoreConfig, type PostgresStoreOptions, resolveOptions } from './options.js';
import { answerOf } from './postgres-client.js';
import { PostgresStoreError } from './postgres-error.js';
import { runStatement } from './run-statement.js';

/**
 * Creates a store that keeps verifications and limits in Postgres, by the clock of the database. Each verb is one
 * statement that keeps nothing in its connection, so PgBouncer may run in transaction mode. Run `migrate` first.
 *
 * @param options the pool and, if needed, schema and time limits
 * @returns the store for `createOtpService`; it rejects with a `PostgresStoreError`, and `close` leaves the pool open
 * @throws TypeError for a wrong option; the message says what to write
 * @example
 * await migrate(pool);
 * const store = createPostgresStore({ pool });
 */
export function createPostgresStore(options: PostgresStoreOptions): OtpStore {
  return new PostgresStore(resolveOptions(options));
}

/** May count again if they are repeated: `charge`, once another call has charged the same limits, and `recordSend`. */
const COUNT_AGAIN = ['charge', 'recordSend'];

/** End a request that has used up a guess or a send. */
const ENDING = ['complete', 'cancel'];

/** Each verb is a function of the database, which returns what the port returns. */
class PostgresStore implements OtpStore {
  readonly #config: PostgresStoreConfig;
  readonly #turns: Turns;

  constructor(config: PostgresStoreConfig) {
    this.#config = config;
    this.#turns = inTurns(config.pool);
  }

  open(record: NewRecord, limits: readonly Limit[], tallies: readonly Tally[]) {
    return this.#call<Opened | Refused>('open', { record, limits, tallies });
  }

  read(id: string) {
    return this.#call<RecordStatus | undefined>('read', { id });
  }

  reserveSend(id: string, limits: readonly Limit[], op: string) {
    return this.#call<SendReservation>('reserveSend', { id, limits, op });
  }

  recordSend(id: string, send: number, sent: SentMessage) {
    return this.#call<void>('recordSend', { id, send, ...sent });
  }

  cancel(id: string, send: number, refunds: readonly Limit[]) {
    return this.#call<void>('cancel', { id, send, refunds });
  }

  reserveCheck(id: string, { binding, token, limits, op }: Guess) {
    const asked = [...markBy(id, token, 0), ...chargedBy(op, limits)];
    return this.#call<CheckReservation | Refused>('reserveCheck', {
      id,
      binding,
      limits: asked,
      op,
    });
  }

  complete(id: string, { token, ...completion }: Completion) {
    const asked = { ...completion, id, token: markBy(id, token, 1) };
    return this.#call<Completed>('complete', asked);
  }

  charge(limits: readonly Limit[], op: string) {
    return this.#call<{ ok: true } | Refused>('charge', { limits: chargedBy(op, limits) });
  }

  reset(keys: readonly string[]) {
    return this.#call<void>('reset', { counters: keys.map((key) => ({ key })) });
  }

  async ping(): Promise<void> {
    const { version, missing } = await this.#call<Ping>('ping', {});
    if (missing.length > 0) {
      throw new PostgresStoreError(
        `the role lacks ${missing.join(', ')}: grant what the README of @otp/store-postgres lists`,
      );
    }
    if (version === undefined || version < SCHEMA_VERSION) {
      throw new PostgresStoreError(
        'the schema is older than the store: run migrate() of @otp/store-postgres first',
      );
    }
  }

  /** Does nothing: the host owns the pool. */
  async close(): Promise<void> {}

  /** @returns what the function returns, which `ping` has found to be of this version */
  async #call<T>(verb: string, asked: object): Promise<T> {
    const { schema, ...limits } = this.#config;
    const name = verb.replace(/[A-Z]/, (letter) => `_${letter.toLowerCase()}`);
    // As text, because drivers differ in how they pass JSON.
    const text = `SELECT ${schema}.${name}($1::text::jsonb)::text AS answer`;
    const values = [JSON.stringify(asked)];
    const isIdempotent = !COUNT_AGAIN.includes(verb);
    const pool = ENDING.includes(verb) ? this.#turns.end : this.#turns.begin;
    const rows = await runStatement(pool, { verb, text, values, isIdempotent }, limits);
    // The port has no null: what is missing is undefined.
    return JSON.parse(answerOf(rows) || 'null', (_, value) => value ?? undefined);
  }
}

interface Ping {
  readonly version?: number;
  /** Privileges, as in GRANT. */
  readonly missing: readonly string[];
}

function chargedBy(op: string, limits: readonly Limit[]): object[] {
  return limits.map((limit) => ({ ...limit, op }));
}

/** The limit of a token is charged by the id of its verification. */
function markBy(id: string, token: Limit | undefined, cost: 0 | 1): object[] {
  return token === undefined ? [] : chargedBy(id, [{ ...token, cost }]);
}
