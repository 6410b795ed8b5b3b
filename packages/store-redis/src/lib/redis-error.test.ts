import { describe, expect, it } from 'vitest';
import { RedisStoreError, toStoreError } from './errors.js';

describe('an error of the store', () => {
  it.each([
    ["OOM command not allowed when used memory > 'maxmemory'.", 'OOM'],
    ["ERR unknown command 'EVALSHA', with args beginning with: 'secret'", 'ERR'],
    ['NOPERM this user has no permissions to access the `secret` key', 'NOPERM'],
  ])('of the server: keeps the code of %s and drops what it quotes', (message, code) => {
    const error = toStoreError(Object.assign(new Error(message), { command: ['secret'] }), 'open');
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^Redis failed at open: /);
    expect(JSON.stringify([error.message, error.cause, Object.entries(error)])).not.toContain(
      'secret',
    );
  });

  it('of the connection: keeps its code', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    expect(toStoreError(refused, 'ping').code).toBe('ECONNREFUSED');
  });

  it('stays what it is', () => {
    const error = new RedisStoreError('TIMEOUT', 'late');
    expect(toStoreError(error, 'open')).toBe(error);
    expect(toStoreError('a string', 'open').code).toBe('UNKNOWN');
  });
});
