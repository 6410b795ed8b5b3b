import type { LimitName, Refused } from '@otp/core/store';

export function refuse(limit: LimitName, leftMs: number): Refused {
  return { ok: false, limit, retryAfterSeconds: Math.max(1, Math.ceil(leftMs / 1000)) };
}

/** In milliseconds. The last gap holds for all that follow; no gaps, no wait. */
export function gapAfter(gapsSeconds: readonly number[], event: number): number {
  return (gapsSeconds[Math.min(event, gapsSeconds.length) - 1] ?? 0) * 1000;
}
