import type { RedisClient } from './client.js';

const ADVICE =
  'Set it to noeviction: otherwise a server that runs out of memory forgets limits and used tokens.';

/** Asks every master by INFO, which managed servers allow where they forbid CONFIG. */
export async function warnOfEviction(
  client: RedisClient,
  warn: (message: string) => void,
  limit: (work: Promise<unknown>) => Promise<unknown>,
): Promise<void> {
  const servers = client.nodes?.('master') ?? [client];
  const asked = servers.map((server) => limit(server.call('info', 'memory')));
  const found = new Set((await Promise.allSettled(asked)).map(policyOf));
  for (const policy of found) {
    if (policy === undefined) warn(`Redis does not tell its maxmemory-policy. ${ADVICE}`);
    else if (policy !== 'noeviction') warn(`The maxmemory-policy of Redis is ${policy}. ${ADVICE}`);
  }
}

function policyOf(reply: PromiseSettledResult<unknown>): string | undefined {
  if (reply.status === 'rejected') return undefined;
  return /^maxmemory_policy:([a-z-]+)/m.exec(String(reply.value))?.[1];
}
