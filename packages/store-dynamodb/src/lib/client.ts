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

export interface SendOptions {
  readonly abortSignal?: AbortSignal;
}

/** What the store uses of `DynamoDBClient`, or of `DynamoDBDocumentClient` around it. */
export interface DynamoClient {
  send(command: GetItemCommand, options: SendOptions): Promise<GetItemCommandOutput>;
  send(command: PutItemCommand, options: SendOptions): Promise<PutItemCommandOutput>;
  send(command: UpdateItemCommand, options: SendOptions): Promise<UpdateItemCommandOutput>;
  send(command: DeleteItemCommand, options: SendOptions): Promise<DeleteItemCommandOutput>;
  send(command: DescribeTableCommand, options: SendOptions): Promise<DescribeTableCommandOutput>;
  readonly config: {
    /** Tries of the SDK's own for each call. */
    maxAttempts(): Promise<number>;
    region(): Promise<string>;
  };
}

/** What `createTable` uses. */
export interface DynamoAdminClient {
  send(command: CreateTableCommand): Promise<CreateTableCommandOutput>;
  send(command: DescribeTableCommand): Promise<DescribeTableCommandOutput>;
  send(command: UpdateTimeToLiveCommand): Promise<UpdateTimeToLiveCommandOutput>;
  send(command: DescribeTimeToLiveCommand): Promise<DescribeTimeToLiveCommandOutput>;
}
