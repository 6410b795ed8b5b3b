import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { startHttpServer } from '@otp/test/servers';

/** Returns the answer to one call; undefined passes the call to the service. */
type Intercept = (call: ServiceCall) => ServiceAnswer | LostAnswer | undefined;

interface ServiceCall {
  /** For example `UpdateItem`. */
  readonly operation: string;
  readonly body: string;
}

export interface ServiceAnswer {
  readonly status: number;
  readonly body: object;
}

/** The service runs the call, `meanwhile` runs, and the connection ends without an answer. */
interface LostAnswer {
  readonly meanwhile: () => Promise<unknown>;
}

export interface ServiceProxy {
  readonly url: string;
  /** The operations that were called since the last `answer`. */
  readonly calls: readonly string[];
  answer(intercept: Intercept): void;
  /** Lets the connections of now die at their next use, as those that the service has closed without a word. */
  killIdle(): void;
  close(): Promise<void>;
}

/** Starts a proxy in front of an emulator, for answers that the emulator never gives. */
export async function startServiceProxy(target: string): Promise<ServiceProxy> {
  let intercept: Intercept = () => undefined;
  const calls: string[] = [];
  const sockets = new Set<Socket>();
  const dead = new WeakSet<Socket>();
  const { url, close } = await startHttpServer(async (request, text, response) => {
    sockets.add(request.socket);
    if (dead.has(request.socket)) return void request.socket.destroy();
    const { authorization = '', 'content-type': type = '' } = request.headers;
    const action = String(request.headers['x-amz-target']);
    const call = { operation: action.replace(/^.*\./, ''), body: text };
    calls.push(call.operation);
    const answer = intercept(call);
    if (answer !== undefined && 'status' in answer) {
      return write(response, answer.status, JSON.stringify(answer.body));
    }
    const headers = {
      authorization,
      'content-type': type,
      'x-amz-target': action,
      'x-amz-date': String(request.headers['x-amz-date']),
    };
    const passed = await fetch(target, { method: 'POST', headers, body: call.body });
    const body = await passed.text();
    await answer?.meanwhile();
    if (answer !== undefined) return void response.destroy();
    write(response, passed.status, body);
  });
  return {
    url,
    calls,
    answer(next) {
      intercept = next;
      calls.length = 0;
    },
    killIdle() {
      for (const socket of sockets) dead.add(socket);
    },
    close,
  };
}

function write(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(body);
}

/** An error in the format of the service: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
export function serviceError(name: string, status = 400, more: object = {}): ServiceAnswer {
  const type = `com.amazonaws.dynamodb.v20120810#${name}`;
  return { status, body: { __type: type, message: `a message of ${name}`, ...more } };
}
