'use client';

import { useEffect, useRef, useState } from 'react';

export type FlowState = 'start' | 'code' | 'ended' | 'done';

interface View {
  readonly state: FlowState;
  /** What is wrong, in words. */
  readonly error: string;
  /** Id of the field that the error is about. */
  readonly invalid?: string | undefined;
  /** What is going on, in words. */
  readonly status: string;
  /** Id of the button whose work is running. */
  readonly busy?: string | undefined;
}

export type Flow = ReturnType<typeof useFlow>;

/** What the two flow pages share: one state at a time, one error, one status line, one request. */
export function useFlow(focusAtStart: string) {
  const [view, setView] = useState<View>({ state: 'start', error: '', status: '' });
  const [isReady, setIsReady] = useState(false);
  const isBusy = useRef(false);
  const wanted = useRef<string | undefined>(undefined);
  const update = (change: Partial<View>) => setView((before) => ({ ...before, ...change }));

  // Before React has taken over, a form would be sent as browsers do, and the page with it.
  useEffect(() => setIsReady(true), []);

  // After every rendering: only then is a panel shown, or a button no longer disabled.
  useEffect(() => {
    if (wanted.current === undefined) return;
    const target = document.getElementById(wanted.current);
    wanted.current = undefined;
    target?.focus();
    if (target instanceof HTMLInputElement && target.ariaInvalid === 'true') target.select();
  });

  function focus(id: string): void {
    wanted.current = id;
    update({});
  }

  return {
    ...view,
    isReady,
    focus,
    isBusy: () => isBusy.current,
    say: (status: string) => update({ status }),
    clearError: () => update({ error: '', invalid: undefined }),

    setState(state: FlowState, error = ''): void {
      update({ state, error, invalid: undefined });
      window.scrollTo({ top: 0 });
      focus({ start: focusAtStart, code: 'code', ended: 'ended-title', done: 'done-title' }[state]);
    },

    /** With a field, as that field's error: marked invalid, focused, ready to be replaced. */
    showError(error: string, field?: string): void {
      update({ error, invalid: field });
      if (field !== undefined) focus(field);
    },

    /** Runs one piece of work with a button shown as busy; undefined when another is still running. */
    async runBusy<T>(button: string, work: () => Promise<T>): Promise<T | undefined> {
      if (isBusy.current) return undefined;
      isBusy.current = true;
      update({ busy: button });
      try {
        return await work();
      } finally {
        isBusy.current = false;
        update({ busy: undefined });
      }
    },
  };
}
