// One process of a race: a service over a store connection of its own. Forked by race-processes.ts.

import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { createOtpService, type OtpMessage } from '@otp/core';
import type { OtpStore } from '@otp/core/store';
import { toOtpRequest } from '../http/direct-adapter.js';
import { cookieOf, type ExchangeRequest } from '../http/exchange.js';
import { answerOf, limitBothFlows } from '../kit/test-kit.js';
import {
  RACE,
  type RaceMessage,
  type RaceReply,
  type RaceResult,
  type RaceSetUp,
} from './race-messages.js';

type Ask = (request: ExchangeRequest) => Promise<RaceResult>;

let ask: Ask | undefined;

process.on('message', async (message: RaceMessage) => {
  try {
    reply(await obey(message));
  } catch (error) {
    reply({ type: 'failed', error: String(error instanceof Error ? error.stack : error) });
  }
});

// Its connections would keep it alive after the process of the tests has gone.
process.on('disconnect', () => process.exit());

function reply(message: RaceReply): void {
  process.send?.(message);
}

async function obey(message: RaceMessage): Promise<RaceReply> {
  if ('storeModule' in message) {
    ask = await createAsk(message);
    return { type: 'ready' };
  }
  assert.ok(ask !== undefined, 'the first message says which store');
  await sleep(Math.max(0, message.startAtMs - Date.now()));
  return { type: 'done', results: await Promise.all(message.requests.map(ask)) };
}

async function createAsk({ storeModule, url, keys, storeTimeoutMs }: RaceSetUp): Promise<Ask> {
  const store = await openStore(storeModule, url);
  const inbox = new AsyncLocalStorage<{ code?: string }>();
  const send = async ({ code }: OtpMessage) => void Object.assign(inbox.getStore() ?? {}, { code });
  const service = createOtpService({
    ...RACE,
    ...keys,
    store,
    retryIntervalSeconds: 0,
    // All racers are one client, whose own limits would refuse before those that the races are about.
    limits: {
      ...limitBothFlows({ recipient: [{ max: 5, windowSeconds: 3600 }] }),
      numberPrefix: [{ max: 30, windowSeconds: 3600 }],
      numberPrefixShare: [{ max: 30, windowSeconds: 3600 }],
    },
    channels: { email: { sender: { send } }, sms: { sender: { send }, countries: 'ALL' } },
    storeTimeoutMs,
  });
  return async (request) => {
    const sent: { code?: string } = {};
    const response = await inbox.run(sent, () => service.handle(toOtpRequest(request)));
    const exchanged = { ...response, body: response.body ?? '' };
    const answer = answerOf(exchanged);
    return answer === '204' ? { answer, cookie: cookieOf(exchanged), ...sent } : { answer };
  };
}

async function openStore(storeModule: string, url: string): Promise<OtpStore> {
  const { createStore }: Record<string, unknown> = await import(storeModule);
  assert.ok(typeof createStore === 'function', `${storeModule} exports no createStore(url)`);
  const store: OtpStore = await createStore(url);
  await store.ping();
  return store;
}
