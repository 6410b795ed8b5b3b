import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** One item of the table, in the form of the plain client. */
export type Item = Readonly<Record<string, AttributeValue>>;

export function toNumber(value: number): AttributeValue {
  return { N: String(value) };
}

export function toText(value: string): AttributeValue {
  return { S: value };
}

/** 0 when it is missing or no number. */
export function numberOf(value: AttributeValue | undefined): number {
  const number = Number(value?.N);
  return Number.isFinite(number) ? number : 0;
}

const TTL_MARGIN_SECONDS = 3_600;

/**
 * When DynamoDB may remove an item: in seconds, and an hour late, so that a clock that goes wrong loses nothing live.
 * Nothing else depends on it; see
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html: "within a few days".
 */
export function toTtl(endsAt: number): AttributeValue {
  return toNumber(Math.ceil(endsAt / 1000) + TTL_MARGIN_SECONDS);
}
