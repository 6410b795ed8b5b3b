import { describe, expect, it } from 'vitest';
import { warnOfEviction } from './eviction.js';
import { RedisStoreError } from './redis-error.js';

const info = async (policy: string) =>
  `# Memory\r\nused_memory:1\r\nmaxmemory_policy:${policy}\r\n`;
const failing = async (code: string) => {
  throw new RedisStoreError(code, code);
};

async function warningsOf(...replies: Promise<unknown>[]): Promise<string[]> {
  const warnings: string[] = [];
  await warnOfEviction(
    { sendToAll: () => replies },
    { warn: (message) => warnings.push(message), limit: (reply) => reply },
  );
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

  it('rejects if the function that is called does', async () => {
    const warning = warnOfEviction(
      { sendToAll: () => [info('allkeys-lru')] },
      { warn: () => Promise.reject(new Error('no log')), limit: (reply) => reply },
    );
    await expect(warning).rejects.toThrow('no log');
  });

  it('warns when a policy cannot be read', async () => {
    expect(await warningsOf(failing('NOPERM'))).toEqual([
      expect.stringContaining('The maxmemory-policy of Redis cannot be read.'),
    ]);
  });

  it('rejects while a server cannot be reached', async () => {
    await expect(warningsOf(failing('TIMEOUT'), info('allkeys-lru'))).rejects.toThrow('TIMEOUT');
  });
});
