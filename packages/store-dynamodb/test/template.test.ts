import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CreateTableCommand, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { DynamoAdminClient } from '../src/lib/table/client.js';
import { createTable } from '../src/lib/table/create-table.js';

const TAGS = ['!Ref', '!GetAtt', '!Sub', '!If', '!Equals'].flatMap((tag) => [
  { tag, resolve: (text: string) => text },
  { tag, collection: 'seq' as const, resolve: (list: unknown) => list },
]);

function read(path: string): string {
  return readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8');
}

/** The properties of a resource of a template. */
function readResource(path: string, resource: string): Record<string, unknown> {
  return parse(read(path), { customTags: TAGS }).Resources[resource].Properties;
}

function readTable(path: string): Record<string, unknown> {
  const { TableName: _, ...properties } = readResource(path, 'OtpTable');
  return properties;
}

/** The properties that `createTable` sends, as a template names them. */
async function readCreated(): Promise<Record<string, unknown>> {
  const asked: Record<string, unknown> = {};
  const answers: Record<string, unknown> = {
    DescribeTableCommand: { Table: { TableStatus: 'ACTIVE' } },
  };
  const client = {
    async send(command: CreateTableCommand | UpdateTimeToLiveCommand) {
      const { TableName: _, ...input } = command.input;
      Object.assign(asked, input);
      return answers[command.constructor.name] ?? {};
    },
  };
  await createTable(client as DynamoAdminClient, 'otp');
  return asked;
}

it.each(['../cloudformation.yaml', '../../../examples/lambda/template.yaml'])(
  'createTable creates the table of %s',
  async (path) => {
    expect(readTable(path)).toEqual(await readCreated());
  },
);

describe('the permissions of the policy', () => {
  const { PolicyDocument } = readResource('../cloudformation.yaml', 'OtpTableAccess') as {
    readonly PolicyDocument: { readonly Statement: readonly [{ readonly Action: string[] }] };
  };
  const [{ Action }] = PolicyDocument.Statement;
  const permitted = Action.map((action) => action.replace('dynamodb:', ''));

  it('are the operations that the store uses', () => {
    const used = read('../src/lib/table/table.ts').match(/(?<=new )\w+(?=Command\()/g);
    expect(permitted.toSorted()).toEqual([...new Set(used)].toSorted());
  });

  it('are those that the README names', () => {
    const [, named = ''] = /permissions of the store: ([^.]*)\./.exec(read('../README.md')) ?? [];
    expect(named.match(/(?<=`)[A-Z]\w+(?=`)/g)?.toSorted()).toEqual(permitted.toSorted());
  });
});
