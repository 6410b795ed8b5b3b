import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel, OtpMessage, Sender, SendFailure } from '@otp/core';
import { watchOutput } from '../kit/watch-output.js';
import { createTestMessage } from './test-message.js';

/** What the provider does with a request. */
export type ProviderBehaviour =
  | 'accepts'
  /** Refuses the recipient for good. */
  | 'rejects_recipient'
  /** Accepts no messages now, or cannot be reached. */
  | 'unavailable'
  /** Reads the request and never responds. */
  | 'hangs'
  /** Reads the request and closes the connection without a response. */
  | 'cuts'
  /** Accepts the first message of each connection. Later ones on that connection are lost without a response. */
  | 'forgets_connections'
  /** Accepts the first message of each connection. Later ones on that connection are lost, and it is reset. */
  | 'resets_connections';

/** A message as the provider received it. */
export interface ReceivedMessage {
  readonly to: string;
  readonly text: string;
  readonly subject?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

/** A sender and its provider. */
export interface SenderUnderTest {
  readonly sender: Sender;
  /** Returns all messages that reached the provider, in order, refused ones included. */
  received(): readonly ReceivedMessage[];
  close?(): Promise<void>;
}

/** What the author of a sender provides: the sender, with a provider that behaves as a case needs. */
export interface SenderHarness {
  /** The channel of the messages. */
  readonly channel: Channel;
  /** Whether the provider accepts an idempotency key. */
  readonly idempotencyKeys: boolean;
  /** Returns a sender for one case, which closes it. */
  createSender(world: { readonly provider: ProviderBehaviour }): Promise<SenderUnderTest>;
}

/** A case of `senderCases`. */
export interface SenderCase {
  readonly name: string;
  /** Rejects with an `AssertionError` if the sender breaks the contract. */
  readonly run: (harness: SenderHarness) => Promise<void>;
}

/** Time limits for `send` to settle, and to settle after the signal is aborted. */
const SETTLE_MS = 5_000;
/** The time limit of the first of two senders. */
const SEND_MS = 3_000;
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
    timeoutMs: SEND_MS,
  });
}

/** Sends one message, and cleans up even if `send` never settles. */
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
  assert.deepEqual(output, [], 'a sender must write nothing to the console and emit no warning');
}

/** Asserts a `SendError`, by its members, whose messages hold neither code nor recipient. */
function assertSendError({ outcome, message }: Sent, kinds: readonly SendFailure[]): void {
  assert.equal(outcome.status, 'rejected', 'send must reject');
  const error: unknown = outcome.reason;
  assert.ok(error instanceof Error, 'send must reject with an Error');
  assert.equal(error.name, 'SendError');
  const kind = 'kind' in error ? error.kind : undefined;
  assert.ok(
    kinds.some((each) => each === kind),
    `kind must be ${kinds.join(' or ')}, is ${String(kind)}`,
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

/**
 * The contract of a sender. For any test runner; a case rejects with an `AssertionError` if the sender breaks the contract.
 * Run the cases one after another, since they watch the console.
 *
 * @example for (const { name, run } of senderCases) test(name, () => run(harness));
 */
export const senderCases: readonly SenderCase[] = [
  senderCase('resolves if the provider accepts, with a known channel or none', async (harness) => {
    const sent = await sendOne(harness, 'accepts');
    assert.equal(sent.outcome.status, 'fulfilled', 'send must resolve');
    const answer = sent.outcome.value as Awaited<ReturnType<Sender['send']>>;
    assert.ok([undefined, 'sms', 'whatsapp', 'email'].includes(answer?.channel));
    assertSilent(sent);
  }),

  senderCase('passes recipient and text to the provider once, unchanged', async (harness) => {
    const { message, received } = await sendOne(harness, 'accepts');
    assert.equal(received.length, 1);
    assert.equal(received[0]?.to, message.to);
    assert.equal(received[0]?.text.trimEnd(), message.content.text);
  }),

  senderCase('passes the idempotency key to a provider that accepts one', async (harness) => {
    const { message, received } = await sendOne(harness, 'accepts');
    const expected = harness.idempotencyKeys ? message.idempotencyKey : undefined;
    assert.equal(received[0]?.idempotencyKey, expected);
  }),

  senderCase('passes the subject by e-mail, which does not hold the code', async (harness) => {
    const { message, received } = await sendOne(harness, 'accepts');
    if (harness.channel === 'email') assert.equal(received[0]?.subject, message.content.subject);
    assert.ok(!(received[0]?.subject ?? '').includes(message.code));
  }),

  senderCase('sends two messages at once, each unchanged', async (harness) => {
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

  senderCase(
    'rejects with kind rejected if the provider refuses the recipient',
    async (harness) => {
      const sent = await sendOne(harness, 'rejects_recipient');
      assertSendError(sent, ['rejected']);
      assertSilent(sent);
    },
  ),

  senderCase(
    'rejects with kind unavailable if the provider accepts no messages',
    async (harness) => {
      const sent = await sendOne(harness, 'unavailable');
      assertSendError(sent, ['unavailable']);
      assertSilent(sent);
    },
  ),

  senderCase(
    'rejects with kind unknown if the connection is closed after the request',
    async (harness) => {
      const sent = await sendOne(harness, 'cuts');
      assertSendError(sent, ['unknown']);
      assertSilent(sent);
    },
  ),

  senderCase(
    'rejects with kind unknown soon after the signal is aborted during the request',
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

  ...(['forgets_connections', 'resets_connections'] as const).map((provider) =>
    senderCase(
      `sends over a new connection if the provider ${provider.replace('_', ' idle ')}`,
      async (harness) => {
        const { sender, received, close } = await harness.createSender({ provider });
        try {
          for (const expected of [1, 2]) {
            const message = createMessage(harness.channel, AbortSignal.timeout(SEND_MS));
            await sender.send(message);
            const copies = received().filter(({ text }) => text.trimEnd() === message.content.text);
            // A first attempt whose answer was lost may have been received.
            assert.ok(
              copies.length >= 1 && copies.length <= expected,
              'send must send the message',
            );
          }
        } finally {
          await close?.();
        }
      },
    ),
  ),

  senderCase('sends nothing if the signal is already aborted', async (harness) => {
    const signal = AbortSignal.abort(new Error('the time is up'));
    const sent = await sendOne(harness, 'accepts', { signal });
    assertSendError(sent, ['unavailable', 'unknown']);
    assert.deepEqual(sent.received, []);
    assertSilent(sent);
  }),
];
