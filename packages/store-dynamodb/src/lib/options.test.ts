import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { resolveOptions } from './options.js';

const client = new DynamoDBClient({ region: 'eu-west-1', maxAttempts: 1 });

describe('resolveOptions', () => {
  it('fills in the defaults', () => {
    const table = 'otp';
    expect(resolveOptions({ client, table })).toEqual({
      client,
      table,
      timeoutMs: 500,
      now: Date.now,
    });
  });

  it('takes a document client', () => {
    const document = DynamoDBDocumentClient.from(client);
    expect(resolveOptions({ client: document, table: 'otp' }).client).toBe(document);
  });

  const needsClient =
    'client must be a DynamoDBClient or a DynamoDBDocumentClient, as in { client, table }';

  const table = 'otp';

  it.each([
    ['no options', undefined, 'the options of createDynamoStore() must be an object.'],
    ['a client in place of { client, table }', client, needsClient],
    ['another client', { client: { send: () => undefined }, table }, needsClient],
    ['no table', { client }, 'table must be the name of a table.'],
    ['a table with spaces', { client, table: 'my table' }, 'table must be the name of a table.'],
    ['an empty homeRegion', { client, table, homeRegion: '' }, 'homeRegion must be a string of 1'],
    ['a time limit of 0', { client, table, timeoutMs: 0 }, 'must be an integer from 1 to 60000.'],
    ['a clock that is a number', { client, table, now: 1 }, 'now must be a function.'],
    [
      'an unknown option',
      { client, table, timeout: 5 },
      'createDynamoStore() has no option timeout; it takes client, table, homeRegion, timeoutMs, now.',
    ],
  ])('refuses %s', (_, options, message) => {
    const resolve = () => Reflect.apply(resolveOptions, undefined, [options]);
    expect(resolve).toThrow(TypeError);
    expect(resolve).toThrow(message);
  });
});
