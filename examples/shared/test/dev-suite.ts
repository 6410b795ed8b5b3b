import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { Client, email, getRaw, phone } from './client.js';
import type { DemoProgram } from './demo.js';

/** What is for the developer at this machine, and for programs. */
export function testDevEndpoints({ useDemo }: DemoProgram): void {
  const demo = useDemo({ OTP_LIMITS: 'off' });

  test('the inbox is JSON unless a page is asked for', async () => {
    for (const accept of ['application/json', '*/*', 'application/json, text/html;q=0.5']) {
      const response = await fetch(`${demo.url}/dev/inbox`, { headers: { accept } });
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
      expect(response.headers.get('vary')).toMatch(/(?:^|, )Accept(?:,|$)/);
      expect(await response.json()).toBeInstanceOf(Array);
    }
    const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
    const page = await fetch(`${demo.url}/dev/inbox`, { headers: { accept } });
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
  });

  test('a request without Accept gets JSON', async () => {
    const { status, text } = await getRaw(`${demo.url}/dev/inbox`, {});
    expect([status, Array.isArray(JSON.parse(text))]).toEqual([200, true]);
  });

  test.each([
    ['GET', '/dev/inbox'],
    ['POST', '/dev/challenge'],
  ])('%s %s is there for local names only', async (method, path) => {
    const { port } = new URL(demo.url);
    const ask = async (host: string) => (await getRaw(demo.url + path, { host }, method)).status;
    for (const host of ['localhost', `localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`]) {
      expect([host, await ask(host)]).toEqual([host, 200]);
    }
    for (const host of [
      'example.com',
      `evil.example.com:${port}`,
      'localhost.evil.example.com',
      '127.0.0.1.evil.example.com',
      'evil.example.com@localhost',
      `192.168.0.1:${port}`,
    ]) {
      expect([host, await ask(host)]).toEqual([host, 404]);
    }
  });

  test('a session is opened with the verifier of the client that asked for the code', async () => {
    const client = new Client(demo);
    const code_verifier = 'v'.repeat(43);
    const code_challenge = createHash('sha256').update(code_verifier).digest('base64url');
    await client.create({ ...phone('+12025550124'), code_challenge });
    const { challenge_token } = (await client.check(await client.code('+12025550124'))).body;
    const open = (body: object) =>
      client.send('POST', '/demo/session', { challenge_token, ...body });
    for (const wrong of [{}, { code_verifier: 'w'.repeat(43) }, { code_verifier: 1 }]) {
      expect((await open(wrong)).body.code).toBe('token_mismatch');
    }
    expect((await open({ code_verifier })).body).toMatchObject(phone('+12025550124'));
  });

  test('the filter takes a plus sign escaped and bare, and any case of an address', async () => {
    const client = new Client(demo);
    await client.create(phone('+12025550123'));
    await client.create(email('Ada+Demo@Example.com'));
    for (const to of [
      '%2B12025550123',
      '+12025550123',
      'ada%2Bdemo%40example.com',
      'ada+demo@example.com',
      'Ada+Demo@Example.com',
    ]) {
      const { body } = await client.send('GET', `/dev/inbox?to=${to}`);
      expect([to, body.length]).toEqual([to, 1]);
    }
    expect(await client.inbox('nobody@example.com')).toEqual([]);
  });
}
