import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

interface Invocation {
  readonly id: string;
  readonly event: string;
  readonly deadlineMs: number;
  readonly settle: (error: Error | undefined, result?: unknown) => void;
}

const PREFIX = '/2018-06-01/runtime';

/**
 * The Runtime API of Lambda: hands out events one after the other, and receives the results
 * (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html). Emits `loaded` when the function is loaded, `error` when it
 * cannot be.
 */
export class RuntimeApi extends EventEmitter {
  readonly #queue: Invocation[] = [];
  readonly #running = new Map<string, Invocation>();
  #waiting: ServerResponse | undefined;
  #failure: Error | undefined;

  invoke(event: unknown, timeoutSeconds: number): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const id = randomUUID();
      const settle: Invocation['settle'] = (error, result) => {
        clearTimeout(timer);
        this.#running.delete(id);
        if (error === undefined) resolve(result);
        else reject(error);
      };
      const timer = setTimeout(() => {
        settle(new Error(`Task timed out after ${timeoutSeconds} seconds`));
      }, timeoutSeconds * 1000);
      const deadlineMs = Date.now() + timeoutSeconds * 1000;
      this.#queue.push({ id, event: JSON.stringify(event), deadlineMs, settle });
      this.#handOut();
    });
  }

  /** Rejects the pending invocations and all later ones. */
  end(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    for (const each of [...this.#queue.splice(0), ...this.#running.values()]) each.settle(error);
    if (this.listenerCount('error') > 0) this.emit('error', error);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '' } = request;
    if (method === 'GET' && url === `${PREFIX}/invocation/next`) {
      this.#waiting = response;
      this.emit('loaded');
      this.#handOut();
      return;
    }
    const body = await readJson(request);
    response.writeHead(202).end();
    if (url === `${PREFIX}/init/error`) this.end(toError(body));
    const [, id = '', outcome] = /\/invocation\/([^/]+)\/(response|error)$/.exec(url) ?? [];
    if (outcome === 'error') this.#running.get(id)?.settle(toError(body));
    else this.#running.get(id)?.settle(undefined, body);
  }

  #handOut(): void {
    const response = this.#waiting;
    const next = response === undefined ? undefined : this.#queue.shift();
    if (response === undefined || next === undefined) return;
    this.#waiting = undefined;
    this.#running.set(next.id, next);
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': next.id,
      'lambda-runtime-deadline-ms': String(next.deadlineMs),
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:local:0:function:function',
    });
    response.end(next.event);
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
}

function toError(body: unknown): Error {
  const { errorType = 'Error', errorMessage = '' } = (body ?? {}) as Record<string, unknown>;
  return new Error(`${errorType}: ${errorMessage}`);
}
