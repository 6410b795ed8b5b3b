import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** An item of the table, in the format of `DynamoDBClient`. */
export type Item = Readonly<Record<string, AttributeValue>>;

/** 0 when the attribute is missing or is not a number. */
export function numberOf(value: AttributeValue | undefined): number {
  const number = Number(value?.N);
  return Number.isFinite(number) ? number : 0;
}

const HOUR_SECONDS = 3_600;
const HOUR_MS = 3_600_000;

/**
 * The time from which DynamoDB may remove an item, in seconds: the hour after the next full one, so that a clock that is
 * wrong loses nothing live. Only space depends on it: DynamoDB removes items "within a few days",
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
 */
export function toTtl(endsAt: number): number {
  return (Math.ceil(endsAt / HOUR_MS) + 1) * HOUR_SECONDS;
}
