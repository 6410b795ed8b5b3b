import type { ServerResponse } from 'node:http';
import { startHttpServer } from '@otp/test/servers';

/** What stands in for the service's own answer to one call; undefined lets the service answer. */
type Intercept = (call: ServiceCall) => ServiceAnswer | LostAnswer | undefined;

interface ServiceCall {
  /** `UpdateItem` and so on. */
  readonly operation: string;
  readonly body: string;
}

export interface ServiceAnswer {
  readonly status: number;
  readonly body: object;
}

/** The service does what it was asked, and its answer is lost, once what happens meanwhile has happened. */
interface LostAnswer {
  readonly meanwhile: () => Promise<unknown>;
}

export interface ServiceProxy {
  readonly url: string;
  /** Every operation that was asked for, since the last `answer`. */
  readonly calls: readonly string[];
  answer(intercept: Intercept): void;
  close(): Promise<void>;
}

/** Stands in front of an emulator, and answers in place of it what the emulator cannot be brought to. */
export async function startServiceProxy(target: string): Promise<ServiceProxy> {
  let intercept: Intercept = () => undefined;
  const calls: string[] = [];
  const { url, close } = await startHttpServer(async (request, text, response) => {
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
    close,
  };
}

function write(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(body);
}

/** As the service answers: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
export function serviceError(name: string, status = 400, more: object = {}): ServiceAnswer {
  const type = `com.amazonaws.dynamodb.v20120810#${name}`;
  return { status, body: { __type: type, message: `a message of ${name}`, ...more } };
}
