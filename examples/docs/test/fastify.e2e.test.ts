import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { email, outcome } from '@otp/example-shared/testing/client';
import ts from 'typescript';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { firstProgramSuite, stepUpSuite } from './first-program.js';
import { blocksOf, startProgram } from './program.js';

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

/** As NestJS has its apps compiled. */
const DECORATORS = { experimentalDecorators: true, emitDecoratorMetadata: true };
const FORMAT = { module: ts.ModuleKind.ES2022, target: ts.ScriptTarget.ES2022 };

firstProgramSuite('packages/fastify/README.md');
stepUpSuite('packages/fastify/README.md');

let dir: string;

beforeAll(async () => {
  dir = mkdtempSync(join(fileURLToPath(new URL('..', import.meta.url)), '.guide-'));
  for (const block of blocksOf('docs/guides/nestjs.md', 'ts')) {
    const [, name = ''] = /^\/\/ (\S+)\n/.exec(block) ?? [];
    writeFileSync(join(dir, name), block);
  }
  const config = { extends: '../../../tsconfig.base.json', compilerOptions: DECORATORS };
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify(config));
  await promisify(execFile)(process.execPath, [tsc, '-p', dir]);
  const file = join(dir, 'app.module');
  writeFileSync(`${file}.js`, compile(`${file}.ts`));
});

function compile(fileName: string): string {
  const compilerOptions = { ...DECORATORS, ...FORMAT };
  return ts.transpileModule(readFileSync(fileName, 'utf8'), { fileName, compilerOptions })
    .outputText;
}

afterAll(() => rmSync(dir, { recursive: true, force: true }));

it.each(['main.ts', 'main-fastify.ts'])(
  '%s of docs/guides/nestjs.md sends a code, accepts it, and redeems its token once [L05]',
  async (file) => {
    const module = pathToFileURL(join(dir, 'app.module.js')).href;
    const main = compile(join(dir, file)).replace('./app.module.js', module);
    const { client, find } = await startProgram(main);
    expect(outcome(await client.create(email('ada@example.com')))).toBe('204');
    // Not in the form of an exception of NestJS.
    expect(outcome(await client.send('GET', '/v1/session/otp/nowhere'))).toBe('404 not_found');
    const message = await find(/ada@example\.com: \D*\d{6}\b/);
    const { status, body } = await client.check(message.slice(-6));
    expect(status).toBe(200);
    const redeem = () => client.send('POST', '/session', body);
    const identifier = { type: 'email_address', value: 'ada@example.com' };
    expect((await redeem()).body).toEqual({ identifier });
    expect(outcome(await redeem())).toBe('401 token_reused');
  },
);
