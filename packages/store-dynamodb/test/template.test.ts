import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CreateTableCommand, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import type { DynamoAdminClient } from '../src/lib/table/client.js';
import { createTable } from '../src/lib/table/create-table.js';

const TAGS = ['!Ref', '!GetAtt', '!Sub', '!If', '!Equals'].flatMap((tag) => [
  { tag, resolve: (text: string) => text },
  { tag, collection: 'seq' as const, resolve: (list: unknown) => list },
]);

function readTable(path: string): Record<string, unknown> {
  const file = fileURLToPath(new URL(path, import.meta.url));
  const { Properties } = parse(readFileSync(file, 'utf8'), { customTags: TAGS }).Resources.OtpTable;
  const { TableName: _, ...properties } = Properties;
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
