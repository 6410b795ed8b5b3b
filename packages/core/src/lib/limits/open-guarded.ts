import { createOp, type RequestContext } from '../operations/context.js';
import type { Limit, NewRecord, Refused, Tallied } from '../ports.js';
import { describeError } from '../redact.js';
import { toTallies, type Watched, type WatchedGroup } from './conversion.js';
import { isCharged } from './limits.js';

export interface Opening {
  readonly record: NewRecord;
  readonly limits: readonly Limit[];
  readonly watched: Watched | undefined;
}

type Opened = { ok: true } | Refused;

/**
 * Opens a verification and asks what became of the older messages to such numbers, both in one wait. Where too
 * few of them were verified, or that cannot be told, nothing stays of it.
 */
export async function openWatched(
  context: RequestContext,
  { record, limits, watched }: Opening,
): Promise<Opened> {
  const { store } = context;
  if (watched === undefined || watched.groups.length === 0) {
    return store((each) => each.open(record, limits));
  }
  const asked = toTallies(watched, {});
  const [opened, tallied] = await store((each) => {
    // Also what a store throws at once: nobody would be there for what the other one rejects with.
    const tally = async () => each.tally(asked);
    return Promise.allSettled([each.open(record, limits), tally()]);
  });
  if (opened.status === 'rejected') throw opened.reason;
  if (!opened.value.ok) return opened.value;
  const undo = () => store((each) => each.cancel(record.id, 1, limits.filter(isCharged)));
  if (tallied.status === 'rejected') {
    await undo();
    throw tallied.reason;
  }
  const refused = await judge(context, watched.groups, tallied.value).catch(async (error) => {
    await undo();
    throw error;
  });
  if (refused === undefined) return opened.value;
  await undo();
  return refused;
}

async function judge(
  context: RequestContext,
  groups: readonly WatchedGroup[],
  tallied: readonly Tallied[],
): Promise<Refused | undefined> {
  let refused: Refused | undefined;
  for (const [place, group] of groups.entries()) {
    const found = tallied[place];
    if (found === undefined || !isLow(group, found)) continue;
    const blocked = await block(context, group, found);
    if (group.isBlocking) refused ??= blocked;
  }
  return refused;
}

function isLow({ enough, minimumConversion }: WatchedGroup, { sent, verified }: Tallied): boolean {
  return sent >= enough && verified < sent * minimumConversion;
}

/**
 * Of all that see it at once, one charges the block; that one tells of it and lets the count begin anew, so
 * that after the block the same messages do not block again.
 */
async function block(
  { config, store }: RequestContext,
  { key, country, block: limit, isBlocking }: WatchedGroup,
  { sent, verified }: Tallied,
): Promise<Refused> {
  const charged = await store((each) => each.charge([{ ...limit, cost: 1 }], createOp(config)));
  if (!charged.ok) return charged;
  const judged =
    country === undefined
      ? ({ of: 'number_prefix' } as const)
      : ({ of: 'country', country } as const);
  config.emit({ type: 'low_conversion', ...judged, sent, verified, isBlocked: isBlocking });
  await store((each) => each.reset([key])).catch((error) =>
    config.emit({ type: 'fault', during: 'store', error: describeError(error) }),
  );
  const [window] = limit.windows;
  return { ok: false, limit: limit.name, retryAfterSeconds: window?.windowSeconds ?? 1 };
}
