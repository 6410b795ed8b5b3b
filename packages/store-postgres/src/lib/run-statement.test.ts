import { describe, expect, it } from 'vitest';
import type { PostgresClient } from './postgres-client.js';
import { runStatement } from './run-statement.js';

const claim = { verb: 'claim', text: 'SELECT 1', isIdempotent: true };
const charge = { verb: 'charge', text: 'SELECT 1', isIdempotent: false };
const ask = { values: [], timeLimitMs: 200 };

/** Fails as told, call after call, and then answers. */
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
    expect(await runStatement(client, charge, ask)).toEqual(['row']);
    expect(client.calls).toBe(2);
  });

  it('repeats once and no more', async () => {
    const client = failing(withCode('40001'), withCode('40P01'));
    await expect(runStatement(client, claim, ask)).rejects.toMatchObject({ code: '40P01' });
    expect(client.calls).toBe(2);
  });

  it.each([
    new Error('Connection terminated unexpectedly'),
    withCode('ECONNRESET'),
    withCode('EPIPE'),
    withCode('08006'),
    withCode('57P01'),
  ])('repeats after %s only what cannot count twice', async (error) => {
    const idempotent = failing(error);
    expect(await runStatement(idempotent, claim, ask)).toEqual(['row']);
    const counting = failing(error);
    await expect(runStatement(counting, charge, ask)).rejects.toThrow('Postgres failed at charge');
    expect(counting.calls).toBe(1);
  });

  it.each(['57014', '55P03', '53300', '22008', '23505', '42883'])(
    'does not repeat after %s',
    async (code) => {
      const client = failing(withCode(code));
      await expect(runStatement(client, claim, ask)).rejects.toMatchObject({ code });
      expect(client.calls).toBe(1);
    },
  );

  it('gives both attempts one limit', async () => {
    const times: (number | undefined)[] = [];
    const client: PostgresClient = {
      async query({ query_timeout }) {
        times.push(query_timeout);
        await new Promise((resolve) => setTimeout(resolve, 60));
        throw withCode('40001');
      },
    };
    await expect(runStatement(client, claim, ask)).rejects.toMatchObject({ code: '40001' });
    expect(times[0]).toBe(200);
    expect(times[1]).toBeLessThanOrEqual(141);
  });

  it('rejects at its limit, and what comes later is dropped', async () => {
    const client: PostgresClient = {
      query: () => new Promise((_, reject) => setTimeout(reject, 80, withCode('40001'))),
    };
    const limited = runStatement(client, claim, { values: [], timeLimitMs: 20 });
    await expect(limited).rejects.toThrow('Postgres took longer than 20 ms at claim');
    await new Promise((resolve) => setTimeout(resolve, 100));
  });

  it.each(['22P02', '23505'])(
    'keeps the text of %s to itself, which quotes values',
    async (code) => {
      const client = failing(withCode(code, 'it was "secret"'));
      const error: unknown = await runStatement(client, claim, ask).catch((thrown) => thrown);
      expect(error).not.toHaveProperty('cause');
      expect(JSON.stringify(error) + String(error)).not.toContain('secret');
    },
  );

  it('keeps no detail of any error', async () => {
    const error: unknown = await runStatement(failing(withCode('53300')), claim, ask).catch(
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ code: '53300', cause: { message: 'told by the server' } });
    expect(error).not.toHaveProperty('cause.detail');
  });
});
