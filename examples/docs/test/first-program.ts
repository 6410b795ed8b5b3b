import { email, outcome } from '@otp/example-shared/testing/client';
import { RawClient } from '@otp/test/raw-client';
import { describe, expect, it } from 'vitest';
import { programsOf, startProgram } from './program.js';

/** Of a message that a program prints. */
const CODE = /\b\d{6}\b/;

const HEAD = 'Host: a\r\nContent-Type: application/json\r\n';
const CREATE = `POST /v1/session/otp HTTP/1.1\r\n${HEAD}`;

/** Requests that have ended a server whose handler lets an error through. */
const ATTACKS: readonly [string, (client: RawClient) => Promise<void>][] = [
  [
    'a body that the client cuts off',
    async (client) => {
      await client.send(`${CREATE}Content-Length: 100\r\n\r\n{"identifier":`);
      client.close();
    },
  ],
  [
    'a body that does not end',
    async (client) => {
      await client.send(`${CREATE}Transfer-Encoding: chunked\r\n\r\n`);
      void client.send(`10000\r\n${' '.repeat(0x10000)}\r\n`);
      expect((await client.next()).status).toBe(400);
    },
  ],
  [
    'a path of two slashes',
    async (client) => {
      await client.send(`GET // HTTP/1.1\r\n${HEAD}\r\n`);
      expect((await client.next()).status).toBe(404);
    },
  ],
];

/** Runs the first program of a page as it stands. */
export function firstProgramSuite(path: string): void {
  describe(`the first program of ${path}`, () => {
    it('sends a code and accepts it, as it stands', async () => {
      const [program] = programsOf(path);
      const { client, find } = await startProgram(program);
      expect(outcome(await client.create(email('ada@example.com')))).toBe('204');
      const { status, body } = await client.check(await find(CODE));
      expect(status).toBe(200);
      // Core's has no endpoint of the host's.
      if (!program?.includes('consumeSessionStart')) return;
      const take = () => client.send('POST', '/session', body);
      expect((await take()).status).toBe(200);
      expect(outcome(await take())).toBe('401 token_reused');
    });

    it.each(ATTACKS)('survives %s', async (_, attack) => {
      const [program] = programsOf(path);
      const { client, port } = await startProgram(program);
      const attacker = await RawClient.open(port);
      await attack(attacker);
      // Twice: the first answer may overtake the end of the server.
      for (const to of ['ada@example.com', 'grace@example.com']) {
        expect(outcome(await client.create(email(to)))).toBe('204');
      }
      attacker.close();
    });
  });
}

/** Runs the second program of a page, a step-up, as it stands. */
export function stepUpSuite(path: string): void {
  it(`${path} has a step-up that runs as it stands`, async () => {
    const [, program] = programsOf(path);
    const { client, find } = await startProgram(program);
    const order = { to: 'bob', amount: 10 };
    const challenge = await client.send('POST', '/transfer/challenge', order);
    expect(outcome(await client.create(challenge.body))).toBe('204');
    const { status, body } = await client.check(await find(CODE), challenge.body.challenge_token);
    expect(status).toBe(200);
    const transfer = () => client.send('POST', '/transfer', body);
    expect((await transfer()).body).toEqual({ transferred: order });
    expect(outcome(await transfer())).toBe('401 token_reused');
  });
}
