import {
  adapterCases,
  createTestService,
  type ExchangeRequest,
  type ExchangeResponse,
} from '@otp/core/testing';
import { otpHandler } from '../../index.js';
import type { LambdaEvent, LambdaResult } from '../events.js';

// A function that is deployed for the tests. The service and what a case does to it live in here, where the
// handler is; each request of a case goes out to the gateway of the test, and comes back as an event.

export interface RunCase {
  readonly name: string;
  /** The mount point as the gateway's clients write it. */
  readonly url: string;
}

export type FromFunction =
  | { readonly type: 'exchange'; readonly id: number; readonly request: ExchangeRequest }
  | { readonly type: 'end'; readonly error?: string };

export interface Exchanged {
  readonly id: number;
  readonly response: ExchangeResponse;
}

let mounted = otpHandler(createTestService().service);
const waiting = new Map<number, (response: ExchangeResponse) => void>();

export function handler(event: LambdaEvent): Promise<LambdaResult> {
  return mounted(event);
}

process.on('message', (message: RunCase | Exchanged) => {
  if ('response' in message) waiting.get(message.id)?.(message.response);
  else void runCase(message);
});

async function runCase({ name, url }: RunCase): Promise<void> {
  try {
    const found = adapterCases.find((each) => each.name === name);
    if (found === undefined) throw new Error(`There is no case ${name}`);
    await found.run({
      async mount(service, { session } = {}) {
        mounted = otpHandler(service, session === undefined ? {} : { session: () => session() });
        return { url, exchange, async close() {} };
      },
    });
    send({ type: 'end' });
  } catch (error) {
    send({ type: 'end', error: error instanceof Error ? String(error.stack) : String(error) });
  }
}

let count = 0;

function exchange(request: ExchangeRequest): Promise<ExchangeResponse> {
  count += 1;
  const id = count;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    send({ type: 'exchange', id, request });
  });
}

function send(message: FromFunction): void {
  process.send?.(message);
}
