import { describe, expect, it } from 'vitest';
import { warnOfEviction } from './eviction.js';
import { RedisStoreError } from './redis-error.js';

const pipeline = () => ({ exec: async () => null });
const server = (answer: () => Promise<unknown>) => ({ call: answer, pipeline });
const info = (policy: string) =>
  server(async () => `# Memory\r\nused_memory:1\r\nmaxmemory_policy:${policy}\r\n`);

async function warningsOf(...servers: ReturnType<typeof server>[]): Promise<string[]> {
  const warnings: string[] = [];
  const client = {
    call: async () => undefined,
    pipeline,
    isCluster: true,
    nodes: () => servers,
  };
  await warnOfEviction(client, {
    warn: (message) => warnings.push(message),
    run: (command) => command(),
  });
  return warnings;
}

describe('warnOfEviction [S02]', () => {
  it('gives no warning of noeviction', async () => {
    expect(await warningsOf(info('noeviction'), info('noeviction'))).toEqual([]);
  });

  it('names any other policy once, whichever master has it', async () => {
    const warnings = await warningsOf(
      info('noeviction'),
      info('volatile-lru'),
      info('volatile-lru'),
    );
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('volatile-lru');
  });

  it('warns when a policy cannot be read', async () => {
    const forbidden = server(async () => {
      throw new RedisStoreError('NOPERM', 'no permission');
    });
    expect(await warningsOf(forbidden)).toEqual([
      expect.stringContaining('The maxmemory-policy of Redis cannot be read.'),
    ]);
  });

  it('rejects while a server cannot be reached', async () => {
    const away = server(async () => {
      throw new RedisStoreError('TIMEOUT', 'late');
    });
    await expect(warningsOf(away, info('allkeys-lru'))).rejects.toThrow('late');
  });
});
