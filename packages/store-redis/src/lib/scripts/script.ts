import { hash } from 'node:crypto';

/** A key or an argument of a script. */
export type Arg = string | number;

/** A Lua script, which the server runs as one atomic step. */
export interface Script {
  /** Name of the step in error messages. */
  readonly step: string;
  readonly text: string;
  /** By which EVALSHA finds the script. */
  readonly sha: string;
}

export function defineScript(step: string, parts: readonly string[]): Script {
  const text = parts.join('\n');
  return { step, text, sha: hash('sha1', text, 'hex') };
}
