import { hash } from 'node:crypto';

/** A step that the server does as one: nothing else runs in between. */
export interface Script {
  /** What errors call it. */
  readonly step: string;
  readonly text: string;
  readonly sha: string;
}

export function defineScript(step: string, parts: readonly string[]): Script {
  const text = parts.join('\n');
  return { step, text, sha: hash('sha1', text, 'hex') };
}
