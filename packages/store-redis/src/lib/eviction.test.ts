import { describe, expect, it } from 'vitest';
import { RedisStoreError } from './errors.js';
import { warnOfEviction } from './eviction.js';

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
  await warnOfEviction(
    client,
    (message) => warnings.push(message),
    (work) => work,
  );
  return warnings;
}

describe('the eviction policy [S02]', () => {
  it('noeviction is not warned of', async () => {
    expect(await warningsOf(info('noeviction'), info('noeviction'))).toEqual([]);
  });

  it('another one is named once, whichever master has it', async () => {
    const warnings = await warningsOf(
      info('noeviction'),
      info('volatile-lru'),
      info('volatile-lru'),
    );
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('volatile-lru');
  });

  it('one that cannot be read is said to be unknown', async () => {
    const forbidden = server(async () => {
      throw new RedisStoreError('NOPERM', 'no permission');
    });
    expect(await warningsOf(forbidden)).toEqual([
      expect.stringContaining('does not tell its maxmemory-policy'),
    ]);
  });

  it('is not guessed while a server cannot be reached', async () => {
    const away = server(async () => {
      throw new RedisStoreError('TIMEOUT', 'late');
    });
    await expect(warningsOf(away, info('allkeys-lru'))).rejects.toThrow('late');
  });
});
