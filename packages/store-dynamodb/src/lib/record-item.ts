import type { Channel, NewRecord, OpenRecord } from '@otp/core/store';
import { type Item, numberOf, toNumber, toText, toTtl } from './attributes.js';
import { gapAfter } from './refuse.js';

/** One verification as it is stored. */
export interface RecordItem {
  readonly sealed: string;
  readonly binding: string | null;
  readonly endsAt: number;
  readonly maxTries: number;
  /** The op of each try that was counted. */
  readonly tries: readonly string[];
  readonly maxSends: number;
  readonly gapsSeconds: readonly number[];
  /** Sends that count. */
  readonly sends: number;
  /** Number of the last send that was reserved. */
  readonly lastSend: number;
  /** Whether that one still counts. */
  readonly sendOpen: boolean;
  readonly nextSendAt: number;
  /** The number of a send under the op that reserved it. */
  readonly sendOps: ReadonlyMap<string, number>;
  readonly channel: Channel | undefined;
  readonly claimedBy: string | undefined;
  /** The call of `open` that wrote it. */
  readonly openedBy: string | undefined;
}

export function recordKey(id: string): string {
  return `verification#${id}`;
}

/** So that an empty binding is a text like any other, and none is no attribute. */
export function toBinding(binding: string): string {
  return `=${binding}`;
}

export function toItem(record: NewRecord, { now, op }: { now: number; op: string }) {
  const endsAt = now + record.ttlSeconds * 1000;
  return {
    pk: { S: recordKey(record.id) },
    ttl: toTtl(endsAt),
    sealed: toText(record.sealed),
    ...(record.binding === null ? {} : { binding: toText(toBinding(record.binding)) }),
    endsAt: toNumber(endsAt),
    maxTries: toNumber(record.maxTries),
    tries: { L: [] },
    maxSends: toNumber(record.maxSends),
    gapsSeconds: { L: record.gapsSeconds.map(toNumber) },
    sends: toNumber(1),
    lastSend: toNumber(1),
    sendOpen: { BOOL: true },
    nextSendAt: toNumber(now + gapAfter(record.gapsSeconds, 1)),
    sendOps: { M: {} },
    openedBy: toText(op),
  };
}

/** Undefined where there is none, or none that we have written. */
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
    channel: toChannel(item.channel?.S),
    claimedBy: item.claimedBy?.S,
    openedBy: item.openedBy?.S,
  };
}

export function toOpenRecord({ sealed, endsAt, channel }: RecordItem, now: number): OpenRecord {
  const record = { sealed, remainingMs: endsAt - now };
  return channel === undefined ? record : { ...record, channel };
}

const CHANNELS: Readonly<Record<Channel, Channel>> = {
  sms: 'sms',
  whatsapp: 'whatsapp',
  email: 'email',
};

function toChannel(text: string | undefined): Channel | undefined {
  return Object.values(CHANNELS).find((channel) => channel === text);
}
