import { setImmediate as nextTurn } from 'node:timers/promises';

const METHODS = ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const;

export interface OutputWatch {
  /** What was written so far; warnings come a turn later than what causes them. */
  lines(): Promise<readonly string[]>;
  /** Puts everything back. */
  stop(): void;
}

/** Listens to the console and to the warnings of this process, and keeps them off the terminal. */
export function watchOutput(): OutputWatch {
  const lines: string[] = [];
  const { console } = globalThis;
  const originals = METHODS.map((method) => [method, console[method]] as const);
  for (const method of METHODS) {
    console[method] = (...args: unknown[]) => void lines.push(args.map(String).join(' '));
  }
  const onWarning = (warning: Error) => void lines.push(warning.message);
  process.on('warning', onWarning);
  return {
    async lines() {
      await nextTurn();
      return [...lines];
    },
    stop() {
      for (const [method, original] of originals) console[method] = original;
      process.off('warning', onWarning);
    },
  };
}
