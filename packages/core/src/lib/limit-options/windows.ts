import type { Window } from '../ports.js';
import { STANDALONE_APP_SHARE } from './default-limits.js';

/** The most events that a window may admit. */
export const MAX_EVENTS = 1_000_000_000;

/** A part or a multiple of a window, at least one event. */
export function scale({ max, windowSeconds }: Window, factor: number): Window {
  const scaled = factor < 1 ? Math.ceil(max * factor - 1e-9) : max * factor;
  return { max: Math.min(MAX_EVENTS, scaled), windowSeconds };
}

/** The most events of one limit within so many seconds, whenever its windows open. */
export function mostWithin(windows: readonly Window[], seconds: number): number {
  return Math.min(
    ...windows.map(({ max, windowSeconds }) => max * (Math.ceil(seconds / windowSeconds) + 1)),
  );
}

/** The part of the budget of the app that both flows share. At least one. */
export function sharedPart({ max, windowSeconds }: Window): Window {
  return { max: Math.max(1, Math.floor(max * STANDALONE_APP_SHARE)), windowSeconds };
}

/** The part of the budget of the app that is kept for step-ups. */
export function reservedPart(window: Window): Window {
  return { ...window, max: window.max - sharedPart(window).max };
}
