import {
  type Channel,
  gapMsAfter,
  isChannel,
  type NewRecord,
  type OpenRecord,
} from '@otp/core/store';
import type { Moment } from '../moment.js';
import { type Item, numberOf, toNumberValue, toStringValue, toTtl } from '../table/attributes.js';

/** One verification as it is stored. */
export interface RecordItem {
  readonly sealed: string;
  readonly binding: string | null;
  readonly endsAt: number;
  readonly maxTries: number;
  /** The `op` of each try that was counted. */
  readonly tries: readonly string[];
  readonly maxSends: number;
  readonly gapsSeconds: readonly number[];
  /** Sends that count. */
  readonly sends: number;
  /** Number of the last send that was reserved. */
  readonly lastSend: number;
  /** Whether that send still counts. */
  readonly sendOpen: boolean;
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
  return {
    pk: { S: recordKey(record.id) },
    ttl: toTtl(endsAt),
    sealed: toStringValue(record.sealed),
    ...(record.binding === null ? {} : { binding: toStringValue(toBinding(record.binding)) }),
    endsAt: toNumberValue(endsAt),
    maxTries: toNumberValue(record.maxTries),
    tries: { L: [] },
    maxSends: toNumberValue(record.maxSends),
    gapsSeconds: { L: record.gapsSeconds.map(toNumberValue) },
    sends: toNumberValue(1),
    lastSend: toNumberValue(1),
    sendOpen: { BOOL: true },
    nextSendAt: toNumberValue(now + gapMsAfter(record.gapsSeconds, 1)),
    sendOps: { M: {} },
    openedBy: toStringValue(op),
  };
}

/** Undefined when there is no item, or one in another format. */
export function parseRecord(item: Item | undefined): RecordItem | undefined {
  if (item?.sealed?.S === undefined || item.tries?.L === undefined) return undefined;
  const sendOps = Object.entries(item.sendOps?.M ?? {});
  return {
    sealed: item.sealed.S,
    binding: item.binding?.S?.slice(1) ?? null,
    endsAt: numberOf(item.endsAt),
    maxTries: numberOf(item.maxTries),
    tries: item.tries.L.map(({ S = '' }) => S),
    maxSends: numberOf(item.maxSends),
    gapsSeconds: (item.gapsSeconds?.L ?? []).map(numberOf),
    sends: numberOf(item.sends),
    lastSend: numberOf(item.lastSend),
    sendOpen: item.sendOpen?.BOOL === true,
    nextSendAt: numberOf(item.nextSendAt),
    sendOps: new Map(sendOps.map(([send, { S = '' }]) => [S, Number(send)])),
    channel: parseChannel(item.channel?.S),
    claimedBy: item.claimedBy?.S,
    openedBy: item.openedBy?.S,
  };
}

export function toOpenRecord({ sealed, endsAt, channel }: RecordItem, now: number): OpenRecord {
  const record = { sealed, remainingMs: endsAt - now };
  return channel === undefined ? record : { ...record, channel };
}

function parseChannel(value: string | undefined): Channel | undefined {
  return isChannel(value) ? value : undefined;
}
