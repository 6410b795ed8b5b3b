import { createOp, type RequestContext } from './context.js';
import type { Limit, NewRecord, Refused, Tallied } from './ports.js';
import { toTallies, type Watched, type WatchedGroup } from './watch.js';

export interface Opening {
  readonly record: NewRecord;
  readonly limits: readonly Limit[];
  /** Those of the limits that are charged. */
  readonly refunds: readonly Limit[];
  readonly watched: Watched | undefined;
  /** A decoy sends nothing, nor does a fixed code. */
  readonly sends: boolean;
}

/**
 * Opens a verification and counts its message, both in one wait. Where too few of the older ones to such
 * numbers were verified, the message that is being opened is the first that is refused.
 */
export async function openWatched(
  context: RequestContext,
  { record, limits, refunds, watched, sends }: Opening,
): Promise<{ ok: true } | Refused> {
  const { store } = context;
  if (watched === undefined || watched.groups.length === 0) {
    return store((each) => each.open(record, limits));
  }
  const counting = toTallies(watched, { sent: sends ? 1 : 0 });
  const [opened, tallied] = await store((each) =>
    Promise.all([each.open(record, limits), each.tally(counting)]),
  );
  const refused = opened.ok ? await judge(context, watched.groups, tallied) : opened;
  if (refused === undefined) return opened;
  await store((each) =>
    Promise.all([
      opened.ok ? each.cancel(record.id, 1, refunds) : undefined,
      sends ? each.tally(toTallies(watched, { sent: -1 })) : undefined,
    ]),
  );
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

function isLow({ enough, leastShare }: WatchedGroup, { sent, verified }: Tallied): boolean {
  return sent >= enough && verified < sent * leastShare;
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
  await store((each) => each.reset([key]));
  const [window] = limit.windows;
  return { ok: false, limit: limit.name, retryAfterSeconds: window?.windowSeconds ?? 1 };
}
