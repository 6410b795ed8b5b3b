import {
  type AttributeValue,
  DeleteItemCommand,
  DescribeTableCommand,
  GetItemCommand,
  PutItemCommand,
  type TableDescription,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Item } from './attributes.js';
import { type CallOptions, callService } from './call-service.js';
import type { DynamoClient, SendOptions } from './client.js';
import { DynamoStoreError, isRefusedByCondition, toStoreError } from './dynamo-error.js';

export interface TableOptions {
  readonly client: DynamoClient;
  readonly name: string;
  readonly timeoutMs: number;
  /** Checks the client before its first use; rejects when it must not be used. */
  readonly ready: () => Promise<void>;
}

/** A condition, the update to apply when it holds, and the values and names of both. */
export interface Change {
  readonly condition: string;
  readonly update: string;
  readonly values: Readonly<Record<string, AttributeValue>>;
  readonly names?: Readonly<Record<string, string>>;
  /** True when applying the change twice has the same effect as applying it once. */
  readonly isRepeatable?: boolean;
}

export type Written =
  | { readonly ok: true; readonly item: Item }
  /** The condition did not hold; `current` returns the item that prevented it, or the item that is there now. */
  | { readonly ok: false; readonly current: () => Promise<Item | undefined> };

/** How often a write is tried when other writers change the item in between. */
export const MAX_ROUNDS = 16;

export function lostEveryRace(subject: 'limit' | 'verification'): DynamoStoreError {
  return new DynamoStoreError('failed', `DynamoDB: lost ${MAX_ROUNDS} races for one ${subject}`);
}

/** Reads and writes single items: conditional writes, consistent reads. */
export class Table {
  readonly #options: TableOptions;

  constructor(options: TableOptions) {
    this.#options = options;
  }

  async get(key: string): Promise<Item | undefined> {
    const command = new GetItemCommand({ ...this.#at(key), ConsistentRead: true });
    const send = (options: SendOptions) => this.#options.client.send(command, options);
    const { Item } = await this.#call('GetItem', true, send);
    return Item;
  }

  /** The caller must recognise a repeat: `current` may return the item that the first try has written. */
  put(item: Item & { readonly pk: { S: string } }, condition: Omit<Change, 'update'>) {
    const command = new PutItemCommand({
      TableName: this.#options.name,
      Item: item,
      ConditionExpression: condition.condition,
      ExpressionAttributeValues: { ...condition.values },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    return this.#write('PutItem', item.pk.S, true, async (options) => {
      await this.#options.client.send(command, options);
      return item;
    });
  }

  update(key: string, { condition, update, values, names, isRepeatable = false }: Change) {
    const command = new UpdateItemCommand({
      ...this.#at(key),
      ConditionExpression: condition,
      UpdateExpression: update,
      ExpressionAttributeValues: { ...values },
      ...(names === undefined ? {} : { ExpressionAttributeNames: { ...names } }),
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    return this.#write('UpdateItem', key, isRepeatable, async (options) => {
      const { Attributes } = await this.#options.client.send(command, options);
      return Attributes ?? {};
    });
  }

  async delete(key: string): Promise<void> {
    const command = new DeleteItemCommand(this.#at(key));
    await this.#call('DeleteItem', true, (options) => this.#options.client.send(command, options));
  }

  deleteIf(key: string, { condition, values }: Omit<Change, 'update'>): Promise<Written> {
    const command = new DeleteItemCommand({
      ...this.#at(key),
      ConditionExpression: condition,
      ExpressionAttributeValues: { ...values },
    });
    return this.#write('DeleteItem', key, false, async (options) => {
      await this.#options.client.send(command, options);
      return {};
    });
  }

  async describe(): Promise<TableDescription> {
    const command = new DescribeTableCommand({ TableName: this.#options.name });
    const send = (options: SendOptions) => this.#options.client.send(command, options);
    const { Table } = await this.#call('DescribeTable', true, send);
    return Table ?? {};
  }

  async #write(
    operation: string,
    key: string,
    isRepeatable: boolean,
    send: (options: SendOptions) => Promise<Item>,
  ): Promise<Written> {
    try {
      return { ok: true, item: await this.#call(operation, isRepeatable, send) };
    } catch (error) {
      if (!isRefusedByCondition(error)) throw error;
      const { Item } = error;
      // The service returns the item if there is one; an emulator may never return it.
      return { ok: false, current: async () => Item ?? this.get(key) };
    }
  }

  async #call<T>(
    operation: string,
    isRepeatable: boolean,
    send: (options: SendOptions) => Promise<T>,
  ): Promise<T> {
    const { timeoutMs, ready } = this.#options;
    await ready();
    const options: CallOptions = { operation, timeoutMs, isRepeatable };
    try {
      return await callService(options, (abortSignal) => send({ abortSignal }));
    } catch (error) {
      throw isRefusedByCondition(error) ? error : toStoreError(operation, error);
    }
  }

  #at(key: string) {
    return { TableName: this.#options.name, Key: { pk: { S: key } } };
  }
}
