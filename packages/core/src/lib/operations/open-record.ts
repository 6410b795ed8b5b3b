import { createOp } from '../keys/randomness.js';
import { type ConversionGroup, isLow, toTallies } from '../limits/conversion-guard.js';
import { isCharged } from '../limits/refunds.js';
import { toRefused } from '../limits/refusal.js';
import type { Limit, NewRecord, Refused, Tallied } from '../ports.js';
import { reportFault } from './after-response.js';
import type { RequestContext } from './context.js';

export interface Opening {
  readonly record: NewRecord;
  readonly limits: readonly Limit[];
  readonly groups: readonly ConversionGroup[];
}

/**
 * Opens a verification. If the tallies that the store returned show that too few messages of a group were verified, the
 * group is blocked and the verification is undone.
 */
export async function openRecord(
  context: RequestContext,
  { record, limits, groups }: Opening,
): Promise<{ readonly ok: true } | Refused> {
  const { store, events } = context;
  const opened = await store((each) => each.open(record, limits, toTallies(groups)));
  if (!opened.ok) return opened;
  events.add({ verificationId: record.id });
  const undo = () => store((each) => each.cancel(record.id, 1, limits.filter(isCharged)));
  const refused = await judge(context, groups, opened.tallied).catch(async (error) => {
    await undo();
    throw error;
  });
  if (refused === undefined) return { ok: true };
  await undo();
  return refused;
}

async function judge(
  context: RequestContext,
  groups: readonly ConversionGroup[],
  tallied: readonly Tallied[],
): Promise<Refused | undefined> {
  let refused: Refused | undefined;
  for (const [index, group] of groups.entries()) {
    const counts = tallied[index];
    if (counts === undefined) throw new Error('the store returned too few tallies');
    if (!isLow(group, counts)) continue;
    const blocked = await block(context, group, counts);
    if (group.isBlocking) refused ??= blocked;
  }
  return refused;
}

/**
 * Charges the block. Of all requests that do so at once, one succeeds: it emits the event and resets the tally, so that
 * after the block the same messages do not block again.
 */
async function block(
  { config, store, events }: RequestContext,
  { key, country, block: limit, isBlocking }: ConversionGroup,
  { sent, verified }: Tallied,
): Promise<Refused> {
  const charged = await store((each) => each.charge([{ ...limit, cost: 1 }], createOp(config)));
  if (!charged.ok) return charged;
  const of = country === undefined ? 'number_prefix' : 'country';
  events.emit({ type: 'low_conversion', of, sent, verified, isBlocked: isBlocking });
  await store((each) => each.reset([key])).catch(reportFault(events, 'store'));
  return toRefused(limit.name, (limit.windows[0]?.windowSeconds ?? 0) * 1000);
}
