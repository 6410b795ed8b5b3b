import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RedisClient } from '../client.js';

/** Turns of the event loop in which whoever waits for no reply would have sent its next command. */
const QUIET_TURNS = 20;

export interface HeldReplies {
  /** Sends what it is given at once, and keeps every reply until `countWaits` lets it go. */
  readonly client: RedisClient;
  /**
   * How often the work has to wait for the network: until it has ended, the replies to all that it has sent are let
   * go together, once the server has answered and nothing more is sent.
   */
  countWaits(work: Promise<unknown>): Promise<number>;
}

/** Counts waits without a clock: what is sent before any reply is there shares one wait with the rest. */
export function holdReplies(target: RedisClient): HeldReplies {
  let held: Promise<unknown>[] = [];
  let sent = 0;
  let letGo = () => {};
  let open = Promise.resolve();
  const close = () => {
    held = [];
    open = new Promise((resolve) => {
      letGo = resolve;
    });
  };
  close();

  const call: RedisClient['call'] = async (...args) => {
    const gate = open;
    const reply = target.call(...args);
    held.push(reply);
    sent += 1;
    return Promise.allSettled([reply, gate]).then(() => reply);
  };

  /** Until the server has answered everything, and nothing has been sent for a while. */
  async function settle(): Promise<void> {
    for (let quiet = 0, seen = sent; quiet < QUIET_TURNS; quiet += 1) {
      await Promise.allSettled(held);
      await nextTurn();
      if (sent !== seen) [quiet, seen] = [0, sent];
    }
  }

  return {
    client: new Proxy(target, {
      get: (of, name) => (name === 'call' ? call : Reflect.get(of, name)),
    }),
    async countWaits(work) {
      let isOver = false;
      const ended = work.finally(() => {
        isOver = true;
      });
      let waits = 0;
      // What is sent behind the answer is let go as well, and nobody has waited for it.
      while (!isOver || held.length > 0) {
        await settle();
        if (!isOver && held.length > 0) waits += 1;
        const release = letGo;
        close();
        release();
      }
      await ended;
      return waits;
    },
  };
}
