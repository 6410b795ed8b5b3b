import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const PACKAGES = fileURLToPath(new URL('../packages', import.meta.url));

/** Two screens. */
const MAX_LINES = 100;

/** What a host writes, by package: the interfaces, with the prefix that their members have in a table. */
const OPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  core: {
    OtpServiceOptions: '',
    DeliveryOptions: '',
    KeysOptions: '',
    MessagesOptions: '',
    ChannelOptions: '',
    LimitOptions: 'limits.',
    CookieOptions: 'cookie.',
  },
  express: { OtpRouterOptions: '', SessionOptions: '' },
  fastify: { OtpPluginOptions: '', SessionOptions: '' },
  fetch: { OtpFetchOptions: '', SessionOptions: '' },
  lambda: { OtpHandlerOptions: '', SessionOptions: '' },
  next: { OtpFetchOptions: '', SessionOptions: '' },
  'sender-aws': { SnsSenderOptions: '', SesSenderOptions: '' },
  'sender-smtp': { SmtpSenderOptions: '' },
  'sender-twilio': { TwilioSenderOptions: '' },
  'store-dynamodb': { DynamoStoreOptions: '' },
  'store-postgres': { PostgresStoreOptions: '', SchemaOptions: '' },
  'store-redis': { RedisStoreOptions: '' },
  testing: {},
};

/** Options that other rows describe: `limits` by its members, `cookie` too. */
const BY_MEMBER = ['limits', 'cookie'];

/** The members of every interface of the packages, by its name. */
const interfaces = new Map<string, string[]>();
for (const file of readdirSync(PACKAGES, { recursive: true, encoding: 'utf8' })) {
  if (!/^[\w-]+\/src\/.*\.ts$/.test(file) || file.endsWith('.test.ts')) continue;
  const source = readFileSync(join(PACKAGES, file), 'utf8');
  ts.createSourceFile(file, source, ts.ScriptTarget.Latest).forEachChild((node) => {
    if (!ts.isInterfaceDeclaration(node)) return;
    const names = node.members.flatMap(({ name }) =>
      name !== undefined && ts.isIdentifier(name) ? [name.text] : [],
    );
    interfaces.set(node.name.text, names);
  });
}

describe.each(readdirSync(PACKAGES))('the README of %s', (name) => {
  const readme = readFileSync(join(PACKAGES, name, 'README.md'), 'utf8');
  const manifest = JSON.parse(readFileSync(join(PACKAGES, name, 'package.json'), 'utf8'));

  it('has what a newcomer needs on two screens', () => {
    const [first, , sentence = ''] = readme.split('\n');
    expect(first).toBe(`# ${manifest.name}`);
    expect(sentence).toMatch(/^\w/);
    const headings = [...readme.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(['Install', 'Example', 'Options', 'Read on', 'Reference']);
    expect(readme.split('\n').indexOf('## Reference')).toBeLessThanOrEqual(MAX_LINES);
  });

  it('installs the package with its peers', () => {
    const [, names = ''] = /^npm install (?:--save-dev )?(.+)$/m.exec(readme) ?? [];
    const peers = Object.keys(manifest.peerDependencies ?? {});
    // A project under test has core already.
    const needed = name === 'testing' ? [] : peers;
    const isOptional = (peer: string) => manifest.peerDependenciesMeta?.[peer] !== undefined;
    const required = [manifest.name, ...needed.filter((peer) => !isOptional(peer))];
    const installed = names.split(' ');
    expect(installed).toEqual(expect.arrayContaining(required));
    const others = installed.filter((each) => !required.includes(each));
    expect(needed.filter(isOptional)).toEqual(expect.arrayContaining(others));
    // At least one of the drivers between which a host chooses.
    if (needed.some(isOptional)) expect(others).not.toEqual([]);
    for (const peer of peers) expect(readme).toMatch(new RegExp(`Peers?:[^]*\`${peer}\``));
  });

  it('has every option in a table', () => {
    const rows = [...readme.matchAll(/^\| ((?:`[^`]+`(?:, )?)+) +\|/gm)];
    const documented = rows.flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, option]) => option),
    );
    const options = Object.entries(OPTIONS[name] ?? {}).flatMap(([type, prefix]) =>
      (interfaces.get(type) ?? []).map((option) => prefix + option),
    );
    if (name !== 'testing') expect(options).not.toHaveLength(0);
    expect(documented).toEqual(
      expect.arrayContaining(options.filter((option) => !BY_MEMBER.includes(option))),
    );
  });
});
