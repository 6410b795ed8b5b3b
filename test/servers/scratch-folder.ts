import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account } from './account.js';

export interface ScratchFolder {
  readonly path: string;
  remove(): void;
}

/** A folder that is gone at the end of this process at the latest. */
export function createScratchFolder(name: string, owner?: Account): ScratchFolder {
  const path = mkdtempSync(join(tmpdir(), `otp-${name}-`));
  if (owner !== undefined) chownSync(path, owner.uid, owner.gid);
  const remove = () => {
    process.off('exit', remove);
    // A server that was just killed may still write.
    rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', remove);
  return { path, remove };
}
