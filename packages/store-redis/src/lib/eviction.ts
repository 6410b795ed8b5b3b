import type { RedisClient } from './client.js';
import { RedisStoreError } from './errors.js';

const ADVICE =
  'Set it to noeviction: otherwise a server that runs out of memory forgets limits and used tokens.';

/** How a server refuses a command, rather than a connection failing. */
const REFUSALS: ReadonlySet<string> = new Set(['NOPERM', 'ERR']);

/**
 * Asks every master by INFO, which managed servers allow where they forbid CONFIG. Rejects, without a word, when one
 * of them cannot be reached.
 */
export async function warnOfEviction(
  client: RedisClient,
  warn: (message: string) => void,
  limit: (work: Promise<unknown>) => Promise<unknown>,
): Promise<void> {
  const servers = client.nodes?.('master') ?? [client];
  const policies = await Promise.all(
    servers.map((server) => limit(server.call('info', 'memory')).then(readPolicy, toUnknown)),
  );
  for (const policy of new Set(policies)) {
    if (policy === undefined) warn(`Redis does not tell its maxmemory-policy. ${ADVICE}`);
    else if (policy !== 'noeviction') warn(`The maxmemory-policy of Redis is ${policy}. ${ADVICE}`);
  }
}

function readPolicy(info: unknown): string | undefined {
  return /^maxmemory_policy:([a-z-]+)/m.exec(String(info))?.[1];
}

function toUnknown(error: unknown): undefined {
  if (!(error instanceof RedisStoreError && REFUSALS.has(error.code))) throw error;
}
