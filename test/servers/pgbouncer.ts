import { chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unprivilegedAccount } from './account.js';
import { findFreePort } from './free-port.js';
import { isPostgresReady } from './postgres-ready.js';
import { createScratchFolder } from './scratch-folder.js';
import { startServer, type TestServer } from './server-process.js';

const MISSING = 'no pgbouncer found: install the package pgbouncer';

/** Its settings, as in pgbouncer.ini: `{ default_pool_size: '5' }`. */
export type PgBouncerConfig = Readonly<Record<string, string>>;

/** PgBouncer in transaction mode before the Postgres of that URL. */
export async function startPgBouncer(
  postgresUrl: string,
  config: PgBouncerConfig = {},
): Promise<TestServer> {
  const account = unprivilegedAccount();
  const folder = createScratchFolder('pgbouncer', account);
  const port = await findFreePort();
  const target = new URL(postgresUrl);
  const user = decodeURIComponent(target.username) || 'postgres';
  const password = decodeURIComponent(target.password);
  const database = target.pathname.slice(1) || 'postgres';
  const settings: PgBouncerConfig = {
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    // Every client is that user, without being asked.
    auth_type: 'any',
    pool_mode: 'transaction',
    max_client_conn: '1000',
    default_pool_size: '20',
    ...config,
  };
  const file = join(folder.path, 'pgbouncer.ini');
  const connection = [
    `host=${target.hostname}`,
    `port=${target.port || '5432'}`,
    `user=${user}`,
    ...(password === '' ? [] : [`password='${password.replaceAll("'", "''")}'`]),
  ].join(' ');
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  const text = ['[databases]', `* = ${connection}`, '[pgbouncer]', ...lines, ''].join('\n');
  writeFileSync(file, text, { mode: 0o600 });
  if (account !== undefined) chownSync(file, account.uid, account.gid);
  return startServer({
    command: 'pgbouncer',
    args: [file],
    port,
    url: `postgres://${encodeURIComponent(user)}@127.0.0.1:${port}/${database}`,
    missing: MISSING,
    account,
    isReady: () => isPostgresReady(port),
    cleanUp: folder.remove,
  });
}
