import { TimeLimitError } from '@otp/core/store';
import { describe, expect, it } from 'vitest';
import { RedisStoreError, toStoreError } from './redis-error.js';

describe('toStoreError', () => {
  it.each([
    ["OOM command not allowed when used memory > 'maxmemory'.", 'OOM'],
    ["ERR unknown command 'EVALSHA', with args beginning with: 'secret'", 'ERR'],
    ['NOPERM this user has no permissions to access the `secret` key', 'NOPERM'],
  ])('keeps the code of %s and drops what the server quotes', (message, code) => {
    const error = toStoreError(Object.assign(new Error(message), { command: ['secret'] }), 'open');
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^Redis failed at open: /);
    expect(JSON.stringify([error.message, error.cause, Object.entries(error)])).not.toContain(
      'secret',
    );
  });

  it.each([
    "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
    "READONLY You can't write against a read only replica.",
  ])('keeps a text with an apostrophe whole: %s', (message) => {
    expect(toStoreError(new Error(message), 'open').message).toBe(
      `Redis failed at open: ${message}`,
    );
  });

  it('drops a quotation that does not end', () => {
    const error = toStoreError(new Error("ERR can't parse 'it's secret"), 'open');
    expect(error.message).toBe("Redis failed at open: ERR can't parse …");
  });

  it('keeps the code of a connection error', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    expect(toStoreError(refused, 'ping').code).toBe('ECONNREFUSED');
  });

  it('gives the time limit a code', () => {
    const error = toStoreError(new TimeLimitError('Redis open took longer than 5 ms'), 'open');
    expect(error).toMatchObject({ code: 'TIMEOUT', message: 'Redis open took longer than 5 ms' });
  });

  it('returns an error of the store as it is', () => {
    const error = new RedisStoreError('TIMEOUT', 'late');
    expect(toStoreError(error, 'open')).toBe(error);
  });

  it('takes any thrown value', () => {
    expect(toStoreError('a string', 'open').code).toBe('UNKNOWN');
  });
});
