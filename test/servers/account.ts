import { execFileSync } from 'node:child_process';

/** Whom a process runs as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

const NAME = 'postgres';

/** For programs that refuse to run as root: the user `postgres`, made where there is none. Undefined: we are not root. */
export function unprivilegedAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  try {
    execFileSync('id', ['-u', NAME], { stdio: 'ignore' });
  } catch {
    execFileSync('useradd', ['--system', '--user-group', NAME]);
  }
  const idOf = (flag: string) => Number(execFileSync('id', [flag, NAME], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}
