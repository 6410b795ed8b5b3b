import {
  DeleteItemCommand,
  DescribeTableCommand,
  GetItemCommand,
  PutItemCommand,
  type TableDescription,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Item } from './attributes.js';
import { callService } from './call-service.js';
import type { DynamoClient, SendOptions } from './client.js';
import { DynamoStoreError, isRefusedByCondition, toStoreError } from './dynamo-error.js';
import { type Change, type Expression, expr, toInput } from './expression.js';

export interface TableOptions {
  readonly client: DynamoClient;
  readonly name: string;
  readonly timeoutMs: number;
  /** Checks the client before its first use; rejects when it must not be used. */
  readonly ready: () => Promise<void>;
}

/**
 * Whether a write may be repeated after its answer was lost: because twice has the effect of once, or because the item
 * tells the caller, who gets `isRepeated`, that the first try took effect.
 */
export interface WriteOptions {
  readonly isRepeatable?: boolean;
}

export type Written =
  | { readonly ok: true; readonly item: Item }
  | {
      readonly ok: false;
      /** Whether an earlier try of this write may have taken effect. */
      readonly isRepeated: boolean;
      /** The item that prevented it, or the item that is there now. */
      readonly current: () => Promise<Item | undefined>;
    };

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

  put(item: Item & { readonly pk: { S: string } }, when: Expression): Promise<Written> {
    const command = new PutItemCommand({
      TableName: this.#options.name,
      Item: item,
      ...toInput({ when: [when] }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    return this.#write('PutItem', item.pk.S, true, async (options) => {
      await this.#options.client.send(command, options);
      return item;
    });
  }

  update(key: string, change: Change, { isRepeatable = false }: WriteOptions = {}) {
    const command = new UpdateItemCommand({
      ...this.#at(key),
      ...toInput(change),
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    return this.#write('UpdateItem', key, isRepeatable, async (options) => {
      const { Attributes } = await this.#options.client.send(command, options);
      return Attributes ?? {};
    });
  }

  delete(
    key: string,
    when: readonly Expression[],
    { isRepeatable = false }: WriteOptions = {},
  ): Promise<Written> {
    const command = new DeleteItemCommand({ ...this.#at(key), ...toInput({ when }) });
    return this.#write('DeleteItem', key, isRepeatable, async (options) => {
      await this.#options.client.send(command, options);
      return {};
    });
  }

  /** Writes and deletes an item by every operation that the store uses. */
  async checkPermissions(key: string): Promise<void> {
    const isFree = expr`attribute_not_exists(sealed)`;
    await this.put({ pk: { S: key } }, isFree);
    await this.update(key, { when: [isFree] }, { isRepeatable: true });
    await this.delete(key, [isFree], { isRepeatable: true });
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
    let tries = 0;
    try {
      const item = await this.#call(operation, isRepeatable, (options) => {
        tries += 1;
        return send(options);
      });
      return { ok: true, item };
    } catch (error) {
      if (!isRefusedByCondition(error)) throw error;
      const { Item } = error;
      // The service returns the item if there is one; an emulator may never return it.
      return { ok: false, isRepeated: tries > 1, current: async () => Item ?? this.get(key) };
    }
  }

  async #call<T>(
    operation: string,
    isRepeatable: boolean,
    send: (options: SendOptions) => Promise<T>,
  ): Promise<T> {
    const { timeoutMs, ready } = this.#options;
    await ready();
    try {
      return await callService({ operation, timeoutMs, isRepeatable }, (abortSignal) =>
        send({ abortSignal }),
      );
    } catch (error) {
      throw isRefusedByCondition(error) ? error : toStoreError(operation, error);
    }
  }

  #at(key: string) {
    return { TableName: this.#options.name, Key: { pk: { S: key } } };
  }
}
