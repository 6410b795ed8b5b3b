import { setImmediate as nextTurn } from 'node:timers/promises';

const STREAMS = ['stdout', 'stderr'] as const;
const METHODS = ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const;

export interface OutputWatch {
  /** Returns what was written so far. Waits a turn, because warnings are emitted in the next one. */
  lines(): Promise<readonly string[]>;
  /** Restores console and streams. */
  stop(): void;
}

/** Captures console, stdout, stderr and the warnings of this process. */
export function watchOutput(): OutputWatch {
  const lines: string[] = [];
  const { console } = globalThis;
  const originals = METHODS.map((method) => [method, console[method]] as const);
  for (const method of METHODS) {
    console[method] = (...args: unknown[]) => void lines.push(args.map(String).join(' '));
  }
  const writes = STREAMS.map((name) => [name, process[name].write] as const);
  for (const name of STREAMS) {
    process[name].write = (chunk: string | Uint8Array) => {
      lines.push(Buffer.from(chunk).toString());
      return true;
    };
  }
  const onWarning = ({ stack, message }: Error) => void lines.push(stack ?? message);
  process.on('warning', onWarning);
  return {
    async lines() {
      await nextTurn();
      return [...lines];
    },
    stop() {
      for (const [method, original] of originals) console[method] = original;
      for (const [name, original] of writes) process[name].write = original;
      process.off('warning', onWarning);
    },
  };
}
