import { type RequestEvents, reportFault } from '../events/request-events.js';
import { createOp } from '../keys/randomness.js';
import { type ConversionGroup, isLow, toTallies } from '../limits/conversion-guard.js';
import { appReserve, type LimitsContext } from '../limits/create-limits.js';
import { appKey } from '../limits/limit-keys.js';
import { isCharged } from '../limits/refunds.js';
import { toRefused } from '../limits/refusal.js';
import type { Flow, Limit, NewRecord, Randomness, Refused, Tallied, UseStore } from '../ports.js';

interface OpenContext {
  readonly config: LimitsContext & { readonly random: Randomness };
  readonly store: UseStore;
  readonly events: RequestEvents;
}

interface Opening {
  readonly record: NewRecord;
  readonly limits: readonly Limit[];
  readonly groups: readonly ConversionGroup[];
}

/** A step-up that finds the shared budget of the app used up is charged to the part that is kept for step-ups. */
export async function openRecord(
  context: OpenContext,
  opening: Opening,
  flow: Flow,
): Promise<{ readonly opened: { ok: true } | Refused; readonly charged: readonly Limit[] }> {
  const opened = await openAndJudge(context, opening);
  const mayUseReserve = !opened.ok && opened.limit === 'app' && flow === 'step-up';
  const reserve = mayUseReserve ? appReserve(context.config) : undefined;
  if (reserve === undefined) return { opened, charged: opening.limits };
  const shared = appKey(context.config);
  const limits = opening.limits.map((each) => (each.key === shared ? reserve : each));
  return { opened: await openAndJudge(context, { ...opening, limits }), charged: limits };
}

/**
 * Opens a verification. If the tallies that the store returned show that too few messages of a group were verified, the
 * group is blocked and the verification is undone.
 */
async function openAndJudge(
  context: OpenContext,
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
  context: OpenContext,
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
  { config, store, events }: OpenContext,
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
