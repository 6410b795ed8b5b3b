import {
  type Channel,
  gapMsAfter,
  isChannel,
  type NewRecord,
  type OpenRecord,
} from '@otp/core/store';
import type { Moment } from '../moment.js';
import { type Item, numberOf, toTtl } from '../table/attributes.js';
import { toValue } from '../table/expression.js';

/** One verification as it is stored. */
export interface RecordItem {
  readonly sealed: string;
  readonly binding: string | null;
  readonly openedAt: number;
  readonly endsAt: number;
  readonly maxGuesses: number;
  /** The `op` of each guess that was counted. */
  readonly guesses: readonly string[];
  readonly maxSends: number;
  /** Sends that count. */
  readonly sends: number;
  /** Number of the last send that was reserved. */
  readonly lastSend: number;
  readonly nextSendAt: number;
  /** The number of each send, by the `op` that reserved it. */
  readonly sendOps: ReadonlyMap<string, number>;
  readonly channel: Channel | undefined;
  readonly claimedBy: string | undefined;
  /** The `op` of the `open` that wrote the item. */
  readonly openedBy: string | undefined;
}

export function recordKey(id: string): string {
  return `verification#${id}`;
}

/** Makes an empty binding a string that is not empty; no binding is no attribute. */
export function toBinding(binding: string): string {
  return `=${binding}`;
}

export function toItem(record: NewRecord, { now, op }: Moment) {
  const endsAt = now + record.ttlSeconds * 1000;
  const gaps = Array.from({ length: record.maxSends }, (_, index) =>
    gapMsAfter(record.gapsSeconds, index + 1),
  );
  return {
    pk: { S: recordKey(record.id) },
    ttl: toValue(toTtl(endsAt)),
    sealed: toValue(record.sealed),
    ...(record.binding === null ? {} : { binding: toValue(toBinding(record.binding)) }),
    openedAt: toValue(now),
    endsAt: toValue(endsAt),
    maxGuesses: toValue(record.maxGuesses),
    guesses: { L: [] },
    maxSends: toValue(record.maxSends),
    gapsMs: { L: gaps.map(toValue) },
    sends: toValue(1),
    lastSend: toValue(1),
    sendOpen: toValue(true),
    nextSendAt: toValue(now + (gaps[0] ?? 0)),
    sendOps: { M: {} },
    openedBy: toValue(op),
  };
}

/** Undefined when there is no item, or one in another format. */
export function parseRecord(item: Item | undefined): RecordItem | undefined {
  if (item?.sealed?.S === undefined || item.guesses?.L === undefined) return undefined;
  const sendOps = Object.entries(item.sendOps?.M ?? {});
  return {
    sealed: item.sealed.S,
    binding: item.binding?.S?.slice(1) ?? null,
    openedAt: numberOf(item.openedAt),
    endsAt: numberOf(item.endsAt),
    maxGuesses: numberOf(item.maxGuesses),
    guesses: item.guesses.L.map(({ S = '' }) => S),
    maxSends: numberOf(item.maxSends),
    sends: numberOf(item.sends),
    lastSend: numberOf(item.lastSend),
    nextSendAt: numberOf(item.nextSendAt),
    sendOps: new Map(sendOps.map(([send, { S = '' }]) => [S, Number(send)])),
    channel: parseChannel(item.channel?.S),
    claimedBy: item.claimedBy?.S,
    openedBy: item.openedBy?.S,
  };
}

export function isLive({ endsAt, claimedBy }: RecordItem, now: number): boolean {
  return endsAt > now && claimedBy === undefined;
}

export function guessesLeft({ guesses, maxGuesses }: RecordItem): number {
  return Math.max(0, maxGuesses - guesses.length);
}

export function toOpenRecord({ sealed, channel }: RecordItem): OpenRecord {
  return channel === undefined ? { sealed } : { sealed, channel };
}

function parseChannel(value: string | undefined): Channel | undefined {
  return isChannel(value) ? value : undefined;
}
