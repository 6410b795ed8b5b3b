import { type OtpMessage, SendError, type Sender } from '@otp/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ProviderBehaviour,
  type ReceivedMessage,
  type SenderHarness,
  senderCases,
} from './sender-suite.js';

/** How a sender's author uses the suite: a provider that can be told what to do, and the sender for it. */
interface Provider {
  readonly received: ReceivedMessage[];
  connect(): Connection;
}

interface Connection {
  deliver(message: ReceivedMessage, signal: AbortSignal): Promise<{ status: number }>;
}

function createProvider(behaviour: ProviderBehaviour): Provider {
  const received: ReceivedMessage[] = [];
  const failure = (text: string) => Object.assign(new Error(text), { sent: true });
  const untilAborted = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(failure('aborted')));
    });
  return {
    received,
    connect() {
      let isUsed = false;
      return {
        async deliver(message, signal) {
          if (behaviour === 'unavailable') throw new Error('connect ECONNREFUSED');
          if (isUsed && behaviour === 'forgets_connections') await untilAborted(signal);
          if (isUsed && behaviour === 'resets_connections') throw failure('read ECONNRESET');
          isUsed = true;
          received.push(message);
          if (behaviour === 'cuts') throw failure('socket hang up');
          if (behaviour === 'hangs') await untilAborted(signal);
          return { status: behaviour === 'rejects_recipient' ? 422 : 202 };
        },
      };
    },
  };
}

/** @param connect opens a connection for one message */
function createExampleSender(connect: () => Connection): Sender {
  return {
    async send({ to, content, idempotencyKey, signal }: OtpMessage) {
      if (signal.aborted) throw new SendError('unavailable', 'not sent: the time was up');
      try {
        const { status } = await connect().deliver(
          { to, text: content.text, idempotencyKey },
          signal,
        );
        if (status !== 422) return undefined;
      } catch (cause) {
        const isSent = cause instanceof Error && 'sent' in cause;
        throw new SendError(isSent ? 'unknown' : 'unavailable', 'the provider failed', { cause });
      }
      throw new SendError('rejected', 'the provider refused the recipient');
    },
  };
}

function createHarness(wrap: (sender: Sender) => Sender = (sender) => sender): SenderHarness {
  return {
    channel: 'sms',
    idempotencyKeys: true,
    async createSender({ provider: behaviour }) {
      const provider = createProvider(behaviour);
      const sender = wrap(createExampleSender(provider.connect));
      return { sender, received: () => provider.received };
    },
  };
}

describe('sender conformance: an honest sender passes', () => {
  it.each(senderCases.map((each) => [each.name, each] as const))('%s', (_, { run }) =>
    run(createHarness()),
  );
});

/** Every one of these breaks the contract once; a suite that lets it pass proves nothing. */
const FAULTY: Readonly<Record<string, (sender: Sender) => Sender>> = {
  'logs the code': (sender) => ({
    send(message) {
      // biome-ignore lint/suspicious/noConsole: what the suite has to notice
      console.log(message.code);
      return sender.send(message);
    },
  }),
  'warns by the process': (sender) => ({
    send(message) {
      process.emitWarning('sending');
      return sender.send(message);
    },
  }),
  'ignores the signal': (sender) => ({
    send: (message) => sender.send({ ...message, signal: new AbortController().signal }),
  }),
  'resolves whatever happens': (sender) => ({
    send: (message) => sender.send(message).catch(() => undefined),
  }),
  'puts the recipient into its errors': (sender) => ({
    send: (message) =>
      sender.send(message).catch(({ kind }: SendError) => {
        throw new SendError(kind, `could not reach ${message.to}`);
      }),
  }),
  'puts the code into the cause of its errors': (sender) => ({
    send: (message) =>
      sender.send(message).catch(({ kind }: SendError) => {
        throw new SendError(kind, 'failed', { cause: new Error(message.content.text) });
      }),
  }),
  'rejects with plain errors': (sender) => ({
    send: (message) =>
      sender.send(message).catch(() => {
        throw new Error('failed');
      }),
  }),
  'calls every failure unavailable': (sender) => ({
    send: (message) =>
      sender.send(message).catch(() => {
        throw new SendError('unavailable', 'failed');
      }),
  }),
  'drops the idempotency key': (sender) => ({
    send: (message) => sender.send({ ...message, idempotencyKey: '' }),
  }),
  'writes a text of its own': (sender) => ({
    send: (message) => sender.send({ ...message, content: { text: message.code } }),
  }),
  'sends twice': (sender) => ({
    async send(message) {
      await sender.send(message);
      return sender.send(message);
    },
  }),
};

/** A sender with one connection that stays open. */
const persistentHarness: SenderHarness = {
  ...createHarness(),
  async createSender({ provider: behaviour }) {
    const provider = createProvider(behaviour);
    const connection = provider.connect();
    return { sender: createExampleSender(() => connection), received: () => provider.received };
  },
};

describe('sender conformance: a faulty sender fails', () => {
  const { console } = globalThis;
  const { log } = console;
  beforeAll(() => {
    expect(senderCases.length).toBeGreaterThan(0);
  });
  afterAll(() => {
    expect(console.log, 'the console is put back').toBe(log);
  });

  it.each(Object.entries(FAULTY))('one that %s', async (_, wrap) => {
    const failures: unknown[] = [];
    for (const { run } of senderCases) {
      await run(createHarness(wrap)).catch((error: unknown) => failures.push(error));
    }
    expect(failures.length).toBeGreaterThan(0);
  });

  it.each(['forgets', 'resets'])(
    'one that keeps a connection open which the provider %s [S18]',
    async (fault) => {
      const [found] = senderCases.filter(({ name }) => name.endsWith(`${fault} idle connections`));
      await expect(found?.run(persistentHarness)).rejects.toThrow();
    },
  );
});
