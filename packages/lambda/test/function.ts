import { inspect } from 'node:util';
import { compareWithHandle } from '@otp/test/compare-adapter';
import { GATEWAYS, type GatewayName, receivedThrough } from '@otp/test/lambda';
import {
  type AdapterUnderTest,
  adapterCases,
  createTestService,
  type ExchangeRequest,
  type ExchangeResponse,
} from '@otp/testing';
import { otpHandler } from '../src/index.js';
import type { LambdaEvent, LambdaResult } from '../src/lib/events.js';

// The function that is deployed for the tests. Cases run here, in the process of the handler and its service; each
// request of a case is sent to the gateway of the test, and returns as an event.

/** Work for this function behind one of the gateways. */
export interface Task {
  readonly gateway: GatewayName;
  /** Name of an adapter case; absent: the comparison with plain data. */
  readonly name?: string;
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

process.on('message', (message: Task | Exchanged) => {
  if ('response' in message) waiting.get(message.id)?.(message.response);
  else void runTask(message);
});

async function runTask(task: Task): Promise<void> {
  try {
    await (task.name === undefined ? compare(task) : runCase(task.name, task));
    send({ type: 'end' });
  } catch (error) {
    send({ type: 'end', error: inspect(error) });
  }
}

async function runCase(name: string, { gateway }: Task): Promise<void> {
  const found = adapterCases.find((each) => each.name === name);
  if (found === undefined) throw new Error(`There is no case ${name}`);
  await found.run(adapterBehind(gateway));
}

async function compare({ gateway }: Task): Promise<void> {
  await compareWithHandle(adapterBehind(gateway), {
    clientAddress: '203.0.113.7',
    received: (request) => receivedThrough(GATEWAYS[gateway], request),
  });
}

function adapterBehind(gateway: GatewayName): AdapterUnderTest {
  return {
    async mount(service, { session } = {}) {
      mounted = otpHandler(service, session === undefined ? {} : { session: () => session() });
      return { url: GATEWAYS[gateway].url, exchange, async close() {} };
    },
  };
}

let count = 0;

function exchange(request: ExchangeRequest): Promise<ExchangeResponse> {
  count += 1;
  const id = count;
  return new Promise((resolve) => {
    waiting.set(id, (response) => {
      waiting.delete(id);
      resolve(response);
    });
    send({ type: 'exchange', id, request });
  });
}

function send(message: FromFunction): void {
  process.send?.(message);
}
