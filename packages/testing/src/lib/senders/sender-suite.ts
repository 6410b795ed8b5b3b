import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel, OtpMessage, Sender, SendFailure } from '@otp/core';
import { watchOutput } from '../kit/watch-output.js';
import { createTestMessage } from './test-message.js';

/** What the provider behind the sender does with the request that it gets. */
export type ProviderBehaviour =
  | 'accepts'
  /** Says that this recipient will never work. */
  | 'rejects_recipient'
  /** Says that it cannot take messages now, or cannot be reached. */
  | 'unavailable'
  /** Takes the request and never answers. */
  | 'hangs'
  /** Takes the request and cuts the connection without an answer. */
  | 'cuts';

/** A message as the provider got it. */
export interface ReceivedMessage {
  readonly to: string;
  readonly text: string;
  readonly subject?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

export interface SenderUnderTest {
  readonly sender: Sender;
  /** What has reached the provider, in order, whatever it made of it. */
  received(): readonly ReceivedMessage[];
  close?(): Promise<void>;
}

/** What a sender's author provides: a real client against a provider that does as it is told. */
export interface SenderHarness {
  readonly channel: Channel;
  /** Whether the provider takes an idempotency key. */
  readonly idempotencyKeys: boolean;
  createSender(world: { readonly provider: ProviderBehaviour }): Promise<SenderUnderTest>;
}

/** One promise of the sender's contract. Cases watch the console: run them one after another. */
export interface SenderCase {
  readonly name: string;
  readonly run: (harness: SenderHarness) => Promise<void>;
}

/** How soon a sender settles, and how soon once the signal is aborted. */
const SETTLE_MS = 5_000;
const ABORT_AFTER_MS = 200;
const ABORT_MS = 1_000;

const RECIPIENTS = {
  sms: '+33612345678',
  whatsapp: '+33612345678',
  email: 'recipient.canary@example.com',
} as const satisfies Record<Channel, string>;

interface Sent {
  readonly message: OtpMessage;
  readonly outcome: PromiseSettledResult<unknown>;
  readonly received: readonly ReceivedMessage[];
  readonly output: readonly string[];
}

function createMessage(channel: Channel, signal: AbortSignal): OtpMessage {
  const code = String(randomInt(1e10)).padStart(10, '0');
  return createTestMessage({
    channel,
    to: RECIPIENTS[channel],
    code,
    content: { text: `${code} is your Example code – à bientôt.`, subject: 'Your Example code' },
    idempotencyKey: `verification-${code}.1`,
    signal,
  });
}

/** Sends one message, and puts everything back also when the sender never settles. */
async function sendOne(
  harness: SenderHarness,
  provider: ProviderBehaviour,
  { signal = new AbortController().signal, withinMs = SETTLE_MS } = {},
): Promise<Sent> {
  const { sender, received, close } = await harness.createSender({ provider });
  const message = createMessage(harness.channel, signal);
  const watch = watchOutput();
  const settled = new AbortController();
  try {
    const outcome = await Promise.race([
      settle(sender, message),
      sleep(withinMs, undefined, { signal: settled.signal }),
    ]);
    assert.ok(outcome !== undefined, `send must settle within ${withinMs} ms`);
    return { message, outcome, received: received(), output: await watch.lines() };
  } finally {
    settled.abort();
    watch.stop();
    await close?.();
  }
}

async function settle(sender: Sender, message: OtpMessage): Promise<Sent['outcome']> {
  const [outcome] = await Promise.allSettled([(async () => sender.send(message))()]);
  return outcome;
}

function assertSilent({ output }: Sent): void {
  assert.deepEqual(output, [], 'a sender writes nothing to the console and warns of nothing');
}

/** A `SendError` by its shape, with nothing in its texts that must stay private. */
function assertSendError({ outcome, message }: Sent, kinds: readonly SendFailure[]): void {
  assert.equal(outcome.status, 'rejected', 'send must reject');
  const error: unknown = outcome.reason;
  assert.ok(error instanceof Error, 'send must reject with an Error');
  assert.equal(error.name, 'SendError');
  const kind = 'kind' in error ? error.kind : undefined;
  assert.ok(
    kinds.some((each) => each === kind),
    `kind is ${String(kind)}, must be ${kinds.join(' or ')}`,
  );
  for (const text of textsOf(error)) {
    assert.ok(!text.includes(message.code), 'an error must not hold the code');
    assert.ok(!text.includes(message.to), 'an error must not hold the recipient');
  }
}

function textsOf(error: unknown, depth = 0): string[] {
  if (!(error instanceof Error)) return [String(error)];
  const own = [error.message, error.stack ?? ''];
  return error.cause === undefined || depth > 4
    ? own
    : [...own, ...textsOf(error.cause, depth + 1)];
}

function senderCase(name: string, run: SenderCase['run']): SenderCase {
  return { name, run };
}

/** What every sender must do, one promise a case, for any test runner. */
export const senderCases: readonly SenderCase[] = [
  senderCase(
    'resolves when the provider accepts, and answers a known channel or none',
    async (harness) => {
      const sent = await sendOne(harness, 'accepts');
      assert.equal(sent.outcome.status, 'fulfilled', 'send must resolve');
      const answer = sent.outcome.value as Awaited<ReturnType<Sender['send']>>;
      assert.ok([undefined, 'sms', 'whatsapp', 'email'].includes(answer?.channel));
      assertSilent(sent);
    },
  ),

  senderCase('hands the provider the recipient and the text once, as they are', async (harness) => {
    const { message, received } = await sendOne(harness, 'accepts');
    assert.equal(received.length, 1);
    assert.equal(received[0]?.to, message.to);
    assert.equal(received[0]?.text.trimEnd(), message.content.text);
  }),

  senderCase('hands on the idempotency key where the provider takes one', async (harness) => {
    const { message, received } = await sendOne(harness, 'accepts');
    const expected = harness.idempotencyKeys ? message.idempotencyKey : undefined;
    assert.equal(received[0]?.idempotencyKey, expected);
  }),

  senderCase(
    'hands on the subject where the channel has one, without the code',
    async (harness) => {
      const { message, received } = await sendOne(harness, 'accepts');
      if (harness.channel === 'email') assert.equal(received[0]?.subject, message.content.subject);
      assert.ok(!(received[0]?.subject ?? '').includes(message.code));
    },
  ),

  senderCase('sends two messages at once, each to its provider as it is', async (harness) => {
    const { sender, received, close } = await harness.createSender({ provider: 'accepts' });
    try {
      const { signal } = new AbortController();
      const messages = [1, 2].map(() => createMessage(harness.channel, signal));
      await Promise.all(messages.map((message) => sender.send(message)));
      assert.deepEqual(
        received()
          .map(({ text }) => text.trimEnd())
          .toSorted(),
        messages.map(({ content }) => content.text).toSorted(),
      );
    } finally {
      await close?.();
    }
  }),

  senderCase('rejects with kind rejected when the recipient will never work', async (harness) => {
    const sent = await sendOne(harness, 'rejects_recipient');
    assertSendError(sent, ['rejected']);
    assertSilent(sent);
  }),

  senderCase('rejects with kind unavailable when the provider takes nothing', async (harness) => {
    const sent = await sendOne(harness, 'unavailable');
    assertSendError(sent, ['unavailable']);
    assertSilent(sent);
  }),

  senderCase(
    'rejects with kind unknown when the connection is cut after the request',
    async (harness) => {
      const sent = await sendOne(harness, 'cuts');
      assertSendError(sent, ['unknown']);
      assertSilent(sent);
    },
  ),

  senderCase(
    'rejects with kind unknown soon after the signal is aborted in mid-request',
    async (harness) => {
      const controller = new AbortController();
      const { signal } = controller;
      setTimeout(() => controller.abort(new Error('the time is up')), ABORT_AFTER_MS);
      const withinMs = ABORT_AFTER_MS + ABORT_MS;
      const sent = await sendOne(harness, 'hangs', { signal, withinMs });
      assertSendError(sent, ['unknown']);
      assertSilent(sent);
    },
  ),

  senderCase('sends nothing when the signal is aborted already', async (harness) => {
    const signal = AbortSignal.abort(new Error('the time is up'));
    const sent = await sendOne(harness, 'accepts', { signal });
    assertSendError(sent, ['unavailable', 'unknown']);
    assert.deepEqual(sent.received, []);
    assertSilent(sent);
  }),
];
