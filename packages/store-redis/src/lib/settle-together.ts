import type { Refused } from '@otp/core/store';
import type { SlotCharge } from './slots.js';

/** The result of the script that changes a record. */
export interface RecordStep<Result> {
  readonly result: Result;
  /** Undefined when the script has counted nothing. */
  readonly undo: (() => Promise<unknown>) | undefined;
}

/**
 * Waits for the step of a record and for the limits that are charged at the same time in other slots. On a refusal the
 * record is undone before the limits: if that stops half-way, a limit stays charged and no record is unlimited.
 */
export async function settleTogether<Result>(
  step: Promise<RecordStep<Result>>,
  charge: Promise<SlotCharge>,
): Promise<Result | Refused> {
  const [[record], charged] = await Promise.all([Promise.allSettled([step]), charge]);
  // The step may have run, so the limits stay charged.
  if (record.status === 'rejected') throw record.reason;
  const { result, undo } = record.value;
  const undoBoth = async () => {
    await undo?.();
    await charged.undo();
  };
  if (charged.failure !== undefined) {
    // Not awaited: the server may be down, and the caller needs the failure now.
    undoBoth().catch(() => undefined);
    throw charged.failure.reason;
  }
  // The record itself refused, or an earlier call with the same id or op has charged the limits already.
  if (undo === undefined) {
    await charged.undo();
    return result;
  }
  if (charged.refused !== undefined) await undoBoth();
  return charged.refused ?? result;
}
