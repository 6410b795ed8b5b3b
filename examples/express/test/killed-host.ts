import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createMemoryStore, createOtpService, generateKeys } from '@otp/core';
import type { OtpStore } from '@otp/core/store';

export interface SentMessage {
  readonly code: string;
  /** Starts with the id of its record. */
  readonly idempotencyKey: string;
}

interface PortCall {
  readonly call: number;
  readonly verb: string;
  readonly args: readonly unknown[];
}

/** Where the host dies: at which of its calls to a port, before that has done its work or after. */
export interface Death {
  readonly at: number;
  readonly when: 'before' | 'after';
}

export interface Host {
  readonly url: string;
  /** Resolves when the process is gone. */
  readonly died: Promise<unknown>;
  kill(): void;
}

const OPTIONS = { appId: 'app', issuer: 'https://otp.example', ...generateKeys() };

/** What outlives a host: the store, what was sent, and the keys. */
export class World {
  readonly store: OtpStore = createMemoryStore();
  readonly messages: SentMessage[] = [];
  /** The ports that hosts have called, in order. */
  readonly calls: string[] = [];
  readonly #answerOfSender: () => unknown;

  constructor(answerOfSender: () => unknown = () => undefined) {
    this.#answerOfSender = answerOfSender;
  }

  async start(death?: Death): Promise<Host> {
    const program = fileURLToPath(new URL('killable-host.mjs', import.meta.url));
    const child = fork(program, [JSON.stringify(OPTIONS)], { serialization: 'advanced' });
    const died = once(child, 'exit');
    const [{ port }] = await once(child, 'message');
    const first = this.calls.length;
    child.on('message', (call: PortCall) => {
      const isFatal = this.calls.length - first === death?.at;
      void this.#serve(child, call, isFatal ? death?.when : undefined);
    });
    const kill = () => void child.kill('SIGKILL');
    return { url: `http://127.0.0.1:${port}/otp`, died, kill };
  }

  /** A challenge token of the host, for a user of its own each time. */
  challenge(sub: string): Promise<string> {
    const sender = { send: async () => undefined };
    const channels = { email: { sender } };
    const service = createOtpService({ ...OPTIONS, store: this.store, channels });
    const identifier = { type: 'email_address', value: `${sub}@example.com` } as const;
    return service.issueChallengeToken({ sub, steps: ['verify_email'], identifier });
  }

  async #serve(child: ChildProcess, { call, verb, args }: PortCall, kill?: Death['when']) {
    this.calls.push(verb);
    if (kill === 'before') return child.kill('SIGKILL');
    const reply = await this.#work(verb, args).then(
      (answer) => ({ call, answer }),
      ({ name, message, kind }) => ({ call, error: { name, message, kind } }),
    );
    if (kill === 'after') return child.kill('SIGKILL');
    // It may die before it has read this, by the death that another call stands for.
    return child.connected && child.send(reply, () => {});
  }

  async #work(verb: string, args: readonly unknown[]): Promise<unknown> {
    if (verb === 'guard') return 'allow';
    if (verb !== 'send') {
      const method: unknown = Reflect.get(this.store, verb);
      if (typeof method !== 'function') throw new TypeError(`a store has no ${verb}`);
      return Reflect.apply(method, this.store, args);
    }
    const answer = this.#answerOfSender();
    const [message] = args as [SentMessage];
    this.messages.push(message);
    return answer;
  }
}

export async function post(url: string, body: unknown, cookie?: string): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...(cookie && { cookie }) };
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
}
