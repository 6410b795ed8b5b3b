import type { ServerResponse } from 'node:http';
import { startHttpServer } from '@otp/test/servers';
import type { ProviderBehaviour, ReceivedMessage } from '@otp/testing';

/** An error response; the SDK throws an exception of that name. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
}

/** A response whose body is broken. */
export interface OddAnswer {
  readonly status: number;
  /** `cut`: the connection ends in the middle of the body. */
  readonly body: 'cut' | 'garbage';
}

/** How one service reads a request and writes its answers. */
export interface Protocol {
  readonly rejection: Refusal;
  readonly success: string;
  readonly contentType: string;
  toReceived(body: string): ReceivedMessage;
  toError(refusal: Refusal, to: string): { headers?: Record<string, string>; body: string };
}

export interface StartedProvider {
  readonly endpoint: string;
  readonly bodies: string[];
  /** The field `Connection` of each request. */
  readonly connections: (string | undefined)[];
  readonly received: ReceivedMessage[];
  close(): Promise<void>;
}

export async function startProvider(
  protocol: Protocol,
  how: ProviderBehaviour | Refusal | OddAnswer,
): Promise<StartedProvider> {
  const bodies: string[] = [];
  const connections: (string | undefined)[] = [];
  const received: ReceivedMessage[] = [];
  const { url: endpoint, close } = await startHttpServer(
    ({ headers }, body, response) => {
      bodies.push(body);
      connections.push(headers.connection);
      const message = protocol.toReceived(body);
      received.push(message);
      reply(protocol, how, response, message.to);
    },
    { behaviour: how },
  );
  return { endpoint, bodies, connections, received, close };
}

function reply(
  protocol: Protocol,
  how: ProviderBehaviour | Refusal | OddAnswer,
  response: ServerResponse,
  to: string,
): void {
  if (how === 'hangs') return;
  if (how === 'cuts') {
    response.destroy();
    return;
  }
  response.setHeader('content-type', protocol.contentType);
  if (how === 'accepts' || how === 'forgets_connections' || how === 'resets_connections') {
    response.end(protocol.success);
    return;
  }
  if (typeof how === 'object' && 'body' in how) {
    replyOddly(how, response);
    return;
  }
  const refusal = toRefusal(protocol, how);
  const { headers = {}, body } = protocol.toError(refusal, to);
  response.writeHead(refusal.status, headers).end(body);
}

function replyOddly({ status, body }: OddAnswer, response: ServerResponse): void {
  if (body === 'garbage') {
    response.writeHead(status).end('{{{{<<<');
    return;
  }
  response.writeHead(status, { 'content-length': 1000 }).write('{"Mess', () => {
    response.destroy();
  });
}

function toRefusal({ rejection }: Protocol, how: ProviderBehaviour | Refusal): Refusal {
  if (typeof how === 'object') return how;
  return how === 'rejects_recipient' ? rejection : { status: 503, code: 'ServiceUnavailable' };
}
