import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

export interface WaitCounter {
  readonly client: DynamoDBClient;
  /** Counts how often some work waits for the service. The waits of `prepare` are not counted. */
  countWaits<T>(
    prepare: () => Promise<T>,
    work: (prepared: T) => Promise<unknown>,
  ): Promise<number>;
}

/**
 * Makes a client that sends its calls in rounds: those that are made before any of them is answered are one wait. Time
 * would not tell, because the emulator takes milliseconds of a processor for each call.
 */
export function createWaitCounter(client: DynamoDBClient): WaitCounter {
  let rounds = 0;
  let open = 0;
  let waiting: (() => void)[] = [];
  const startRound = () => {
    if (open > 0 || waiting.length === 0) return;
    const calls = waiting;
    waiting = [];
    rounds += 1;
    open = calls.length;
    for (const start of calls) start();
  };
  const later = () => setImmediate(() => setImmediate(startRound));
  const send = async (...call: Parameters<DynamoDBClient['send']>) => {
    await new Promise<void>((start) => {
      waiting.push(start);
      later();
    });
    try {
      return await client.send(...call);
    } finally {
      open -= 1;
      later();
    }
  };
  return {
    client: new Proxy(client, {
      get: (target, name) => (name === 'send' ? send : Reflect.get(target, name)),
    }),
    async countWaits(prepare, work) {
      const prepared = await prepare();
      const before = rounds;
      await work(prepared);
      return rounds - before;
    },
  };
}
