import type { Connection } from './client.js';
import { RedisStoreError } from './redis-error.js';

const ADVICE =
  'Set it to noeviction: otherwise a server that runs out of memory forgets limits and used tokens.';

/** Codes with which a server refuses the command; any other code is a failure of the connection. */
const REFUSALS: ReadonlySet<string> = new Set(['NOPERM', 'ERR']);

export interface EvictionCheck {
  /** Called once for each policy that is not `noeviction`; awaited, so that no rejection stays unhandled. */
  readonly warn: (message: string) => unknown;
  /** Waits for a reply within the time limit of the store. */
  readonly limit: (reply: Promise<unknown>) => Promise<unknown>;
}

/**
 * Reads the eviction policy of every master by INFO, which managed servers allow where they forbid CONFIG. Rejects,
 * without a warning, when a master cannot be reached.
 */
export async function warnOfEviction(
  connection: Pick<Connection, 'sendToAll'>,
  { warn, limit }: EvictionCheck,
): Promise<void> {
  const replies = connection.sendToAll(['INFO', 'memory']);
  const policies = await Promise.all(
    replies.map((reply) => limit(reply).then(readPolicy, toUnknown)),
  );
  for (const policy of new Set(policies)) {
    if (policy === undefined) await warn(`The maxmemory-policy of Redis cannot be read. ${ADVICE}`);
    else if (policy !== 'noeviction') {
      await warn(`The maxmemory-policy of Redis is ${policy}. ${ADVICE}`);
    }
  }
}

function readPolicy(info: unknown): string | undefined {
  return /^maxmemory_policy:([a-z-]+)/m.exec(String(info))?.[1];
}

function toUnknown(error: unknown): undefined {
  if (!(error instanceof RedisStoreError && REFUSALS.has(error.code))) throw error;
}
