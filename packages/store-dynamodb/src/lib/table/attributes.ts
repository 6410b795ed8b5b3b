import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** An item of the table, in the format of `DynamoDBClient`. */
export type Item = Readonly<Record<string, AttributeValue>>;

export function toNumberValue(value: number): AttributeValue {
  return { N: String(value) };
}

export function toStringValue(value: string): AttributeValue {
  return { S: value };
}

/** 0 when the attribute is missing or is not a number. */
export function numberOf(value: AttributeValue | undefined): number {
  const number = Number(value?.N);
  return Number.isFinite(number) ? number : 0;
}

const TTL_MARGIN_SECONDS = 3_600;

/**
 * The time from which DynamoDB may remove an item, in seconds, an hour late, so that a clock that is wrong loses nothing
 * live. Only space depends on it: DynamoDB removes items "within a few days",
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
 */
export function toTtl(endsAt: number): AttributeValue {
  return toNumberValue(Math.ceil(endsAt / 1000) + TTL_MARGIN_SECONDS);
}
