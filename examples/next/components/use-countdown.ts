'use client';

import { useEffect, useState } from 'react';

/** Seconds that are left until a deadline. */
export function useCountdown() {
  const [deadline, setDeadline] = useState(0);
  const [now, setNow] = useState(0);

  useEffect(() => {
    if (deadline === 0) return;
    // From the clock, not by counting ticks: a tab in the background ticks late.
    const timer = setInterval(() => {
      setNow(Date.now());
      if (Date.now() >= deadline) setDeadline(0);
    }, 250);
    return () => clearInterval(timer);
  }, [deadline]);

  return {
    secondsLeft: deadline === 0 ? 0 : Math.max(0, Math.ceil((deadline - now) / 1000)),
    start(seconds: number): void {
      setNow(Date.now());
      setDeadline(seconds > 0 ? Date.now() + seconds * 1000 : 0);
    },
    stop: () => setDeadline(0),
  };
}
