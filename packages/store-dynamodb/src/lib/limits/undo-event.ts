import type { CountedWindow, Counter } from '@otp/core/store';

/**
 * Takes back an event from the windows in which it was counted. Their ends identify them, however long the windows of a
 * later call are.
 *
 * @param counter what is there now
 * @param counted what the charge has left
 */
export function undoEvent(counter: Counter, counted: Counter): Counter {
  const isSame = (index: number) =>
    counter.windows[index]?.endsAt === counted.windows[index]?.endsAt;
  return {
    ...counter,
    windows: counter.windows.map((window, index) => (isSame(index) ? lessOne(window) : window)),
    gapEvents: isSame(0) ? Math.max(0, counter.gapEvents - 1) : counter.gapEvents,
    // The gap before the event had passed.
    gapEndsAt: counter.gapEndsAt === counted.gapEndsAt ? 0 : counter.gapEndsAt,
    lastOp: counter.lastOp === counted.lastOp ? undefined : counter.lastOp,
  };
}

/** A window without events has not opened yet. */
function lessOne({ count, endsAt }: CountedWindow): CountedWindow {
  return count > 1 ? { count: count - 1, endsAt } : { count: 0, endsAt: 0 };
}
