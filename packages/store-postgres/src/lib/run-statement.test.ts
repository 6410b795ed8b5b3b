import { describe, expect, it } from 'vitest';
import type { PostgresClient } from './postgres-client.js';
import { PostgresStoreError } from './postgres-error.js';
import { runStatement } from './run-statement.js';

const claim = { verb: 'claim', text: 'SELECT 1', isIdempotent: true };
const charge = { verb: 'charge', text: 'SELECT 1', isIdempotent: false };
const options = { values: [], timeoutMs: 200 };

/** A client whose first calls fail with the given errors. */
function failing(...errors: unknown[]): PostgresClient & { calls: number } {
  return {
    calls: 0,
    async query() {
      this.calls += 1;
      if (errors.length > 0) throw errors.shift();
      return { rows: ['row'] };
    },
  };
}

function withCode(code: string, message = 'told by the server'): Error {
  return Object.assign(new Error(message), { code, detail: 'Key (id)=(secret)' });
}

describe('runStatement', () => {
  it.each(['40001', '40P01'])('repeats any statement once after %s', async (code) => {
    const client = failing(withCode(code));
    expect(await runStatement(client, charge, options)).toEqual(['row']);
    expect(client.calls).toBe(2);
  });

  it('repeats once and no more', async () => {
    const client = failing(withCode('40001'), withCode('40P01'));
    await expect(runStatement(client, claim, options)).rejects.toMatchObject({ code: '40P01' });
    expect(client.calls).toBe(2);
  });

  it.each([
    new Error('Connection terminated unexpectedly'),
    withCode('ECONNRESET'),
    withCode('EPIPE'),
    withCode('08006'),
    withCode('57P01'),
  ])('repeats only an idempotent statement after %s', async (error) => {
    const idempotent = failing(error);
    expect(await runStatement(idempotent, claim, options)).toEqual(['row']);
    const counting = failing(error);
    await expect(runStatement(counting, charge, options)).rejects.toThrow(
      'Postgres failed at charge',
    );
    expect(counting.calls).toBe(1);
  });

  it.each(['57014', '55P03', '53300', '22008', '23505', '42883'])(
    'does not repeat after %s',
    async (code) => {
      const client = failing(withCode(code));
      await expect(runStatement(client, claim, options)).rejects.toMatchObject({ code });
      expect(client.calls).toBe(1);
    },
  );

  it('leaves the repeat the rest of the time limit', async () => {
    let time = 0;
    const limits: (number | undefined)[] = [];
    const client: PostgresClient = {
      async query({ query_timeout }) {
        limits.push(query_timeout);
        time += 60;
        throw withCode('40001');
      },
    };
    const run = runStatement(client, claim, { ...options, now: () => time });
    await expect(run).rejects.toMatchObject({ code: '40001' });
    expect(limits).toEqual([200, 140]);
  });

  it('rejects at the time limit; a later failure is dropped and not repeated', async () => {
    let fail: (error: Error) => void = () => {};
    let calls = 0;
    const client: PostgresClient = {
      query() {
        calls += 1;
        return new Promise((_, reject) => {
          fail = reject;
        });
      },
    };
    const run = runStatement(client, claim, { values: [], timeoutMs: 20 });
    await expect(run).rejects.toThrow(
      new PostgresStoreError('Postgres claim took longer than 20 ms'),
    );
    fail(new Error('Connection terminated unexpectedly'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toBe(1);
  });

  it.each(['22P02', '23505'])('keeps no message of %s, which quotes values', async (code) => {
    const client = failing(withCode(code, 'it was "secret"'));
    const error: unknown = await runStatement(client, claim, options).catch((thrown) => thrown);
    expect(error).not.toHaveProperty('cause');
    expect(JSON.stringify(error) + String(error)).not.toContain('secret');
  });

  it('keeps no detail of any error', async () => {
    const error: unknown = await runStatement(failing(withCode('53300')), claim, options).catch(
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ code: '53300', cause: { message: 'told by the server' } });
    expect(error).not.toHaveProperty('cause.detail');
  });
});
