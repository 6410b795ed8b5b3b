import type {
  CreateTableCommand,
  CreateTableCommandOutput,
  DeleteItemCommand,
  DeleteItemCommandOutput,
  DescribeTableCommand,
  DescribeTableCommandOutput,
  DescribeTimeToLiveCommand,
  DescribeTimeToLiveCommandOutput,
  GetItemCommand,
  GetItemCommandOutput,
  PutItemCommand,
  PutItemCommandOutput,
  UpdateItemCommand,
  UpdateItemCommandOutput,
  UpdateTimeToLiveCommand,
  UpdateTimeToLiveCommandOutput,
} from '@aws-sdk/client-dynamodb';

/** The second argument of `send`. */
export interface SendOptions {
  readonly abortSignal?: AbortSignal;
}

/** The part of `DynamoDBClient`, or of a `DynamoDBDocumentClient` around one, that the store uses. */
export interface DynamoClient {
  send(command: GetItemCommand, options: SendOptions): Promise<GetItemCommandOutput>;
  send(command: PutItemCommand, options: SendOptions): Promise<PutItemCommandOutput>;
  send(command: UpdateItemCommand, options: SendOptions): Promise<UpdateItemCommandOutput>;
  send(command: DeleteItemCommand, options: SendOptions): Promise<DeleteItemCommandOutput>;
  send(command: DescribeTableCommand, options: SendOptions): Promise<DescribeTableCommandOutput>;
  readonly config: {
    /** How often the SDK tries each call. */
    maxAttempts(): Promise<number>;
    region(): Promise<string>;
  };
}

/** The part of a client that `createTable` uses. */
export interface DynamoAdminClient {
  send(command: CreateTableCommand): Promise<CreateTableCommandOutput>;
  send(command: DescribeTableCommand): Promise<DescribeTableCommandOutput>;
  send(command: UpdateTimeToLiveCommand): Promise<UpdateTimeToLiveCommandOutput>;
  send(command: DescribeTimeToLiveCommand): Promise<DescribeTimeToLiveCommandOutput>;
}
