import { setImmediate as turn } from 'node:timers/promises';
import type { RedisClient } from '../src/lib/client.js';

export interface WaitCounter {
  readonly client: RedisClient;
  /** Waits for the server so far; commands that are sent together are one wait. */
  readonly waits: number;
}

/** Passes commands on and holds every reply back until all replies have come and no further command is sent. */
export function countWaits(client: RedisClient): WaitCounter {
  let waits = 0;
  let unanswered = 0;
  let held: (() => void)[] = [];

  async function releaseSoon(): Promise<void> {
    const { length } = held;
    await turn();
    if (unanswered > 0 || length < held.length) return;
    const ready = held;
    held = [];
    if (ready.length > 0) waits += 1;
    for (const release of ready) release();
  }

  async function hold<T>(reply: Promise<T>): Promise<T> {
    unanswered += 1;
    await reply.catch(() => {});
    unanswered -= 1;
    await new Promise<void>((resolve) => {
      held.push(resolve);
      void releaseSoon();
    });
    return reply;
  }

  return {
    get waits() {
      return waits;
    },
    client: {
      isCluster: client.isCluster,
      call: (command, ...args) => hold(client.call(command, ...args)),
      pipeline(commands) {
        const pipeline = client.pipeline(commands);
        return { exec: () => hold(pipeline.exec()) };
      },
    },
  };
}
