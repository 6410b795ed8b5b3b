import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Client, email, wrongCode } from '@otp/example-shared/testing/client';
import { demoProgram } from '@otp/example-shared/testing/demo';
import type { Middleware } from 'openapi-fetch';
import openapiTS, { astToString } from 'openapi-typescript';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf } from './program.js';

const ROOT = new URL('../../../', import.meta.url);
const { useDemo } = demoProgram({ command: 'npm', args: ['start'], cwd: fileURLToPath(ROOT) });
const [program = ''] = blocksOf('docs/reference/contract.md', 'ts');

const TARGET = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext };

/** Each line but the first two must not compile. */
const MISUSES = `import { createOtpClient } from './client.js';
const client = createOtpClient('http://localhost');
client.POST('/v1/session/otp/nope');
client.POST('/v1/session/otp', { body: { dispatch_id: 'd-1' } });
client.POST('/v1/session/otp', { body: { identifier: { type: 'fax', value: '1' } } });
client.POST('/v1/session/otp/check', { body: {} });
client.POST('/v1/session/otp/retry').then(({ error }) => error?.code === 'token_mismatch');
client.GET('/v1/session/otp/status').then(({ data }) => data?.code_lenght);
`;

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'otp-openapi-'));
  const types = await openapiTS(new URL('docs/reference/openapi.yaml', ROOT));
  const files = {
    'package.json': '{ "type": "module" }',
    'openapi.d.ts': astToString(types),
    'client.ts': program,
    'client.js': ts.transpile(program, TARGET),
    'misuses.ts': MISUSES,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  symlinkSync(
    fileURLToPath(new URL('../node_modules', import.meta.url)),
    join(folder, 'node_modules'),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The lines that do not compile, counted from 1. */
function faultyLines(name: string): number[] {
  const options = {
    ...TARGET,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  };
  const compiled = ts.createProgram([join(folder, name)], options);
  return ts.getPreEmitDiagnostics(compiled).map(({ file, start = 0 }) => {
    expect(file?.fileName).toContain(name);
    return 1 + (file?.getLineAndCharacterOfPosition(start).line ?? -1);
  });
}

describe('the client that is generated from the document', () => {
  it('compiles, and does not compile where it contradicts the document', () => {
    expect(faultyLines('client.ts')).toEqual([]);
    expect(faultyLines('misuses.ts')).toEqual([3, 4, 5, 6, 7, 8]);
  });

  describe.each(['cookie', 'header'])('with the transport %s', (transport) => {
    const demo = useDemo({ OTP_TRANSPORT: transport, OTP_RETRY_INTERVAL: '0' });

    async function start() {
      const { createOtpClient, verify } = await import(
        pathToFileURL(join(folder, 'client.js')).href
      );
      const client = createOtpClient(demo.url);
      if (transport === 'cookie') client.use(cookieJar());
      return { client, verify, back: new Client(demo) };
    }

    it('passes the standalone flow, with a wrong code, a retry and a status before', async () => {
      const { client, verify, back } = await start();
      const to = `${transport}@example.com`;
      const left: unknown[] = [];
      const token = await verify(client, email(to), async (attemptsLeft?: number) => {
        left.push(attemptsLeft);
        const code = await back.code(to);
        if (attemptsLeft === undefined) return wrongCode(code);
        expect((await client.POST('/v1/session/otp/retry')).response.status).toBe(204);
        const { data } = await client.GET('/v1/session/otp/status');
        expect(data).toMatchObject({ flow: 'standalone', channel: 'email', attempts_left: 4 });
        return code;
      });
      expect(left).toEqual([undefined, 4]);
      const redeemed = await back.send('POST', '/demo/session', { challenge_token: token });
      expect(redeemed.status).toBe(200);
      expect(redeemed.body).toMatchObject(email(to));
      const { error } = await client.GET('/v1/session/otp/status');
      expect(error).toMatchObject({ code: 'unauthorized' });
    });

    it('passes the step-up flow', async () => {
      const { client, verify, back } = await start();
      const challenge_token = await back.challenge();
      const token = await verify(client, { challenge_token }, async () => {
        const [newest] = await back.inbox();
        return newest?.code;
      });
      expect(token.split('.')).toHaveLength(3);
    });
  });
});

/** What a browser does with a cookie. */
function cookieJar(): Middleware {
  let cookie = '';
  return {
    onRequest: ({ request }) => request.headers.set('cookie', cookie),
    onResponse({ response }) {
      for (const field of response.headers.getSetCookie()) cookie = field.split(';')[0] ?? '';
    },
  };
}
