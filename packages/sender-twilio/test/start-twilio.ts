import type { ServerResponse } from 'node:http';
import { startHttpServer } from '@otp/test/servers';
import type { ProviderBehaviour, ReceivedMessage } from '@otp/testing';

/** An error response of Twilio's API, which repeats the number in its message. */
export interface Refusal {
  readonly status: number;
  readonly code?: number;
  /** The connection stays open in the middle of the body. */
  readonly stalls?: true;
}

interface ReceivedRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly connection: string | undefined;
  readonly form: Readonly<Record<string, string>>;
}

export interface StartedTwilio {
  readonly baseUrl: string;
  readonly requests: ReceivedRequest[];
  readonly received: ReceivedMessage[];
  close(): Promise<void>;
}

type Answer = Refusal | 'accepts' | 'hangs' | 'cuts';

const BEHAVIOURS: Readonly<Record<ProviderBehaviour, Answer>> = {
  accepts: 'accepts',
  hangs: 'hangs',
  cuts: 'cuts',
  forgets_connections: 'accepts',
  resets_connections: 'accepts',
  rejects_recipient: { status: 400, code: 21211 },
  unavailable: { status: 503, code: 20503 },
};

/** Answers as https://www.twilio.com/docs/messaging/api/message-resource says. */
export async function startTwilio(how: ProviderBehaviour | Refusal): Promise<StartedTwilio> {
  const answer = typeof how === 'string' ? BEHAVIOURS[how] : how;
  const requests: ReceivedRequest[] = [];
  const received: ReceivedMessage[] = [];
  const { url: baseUrl, close } = await startHttpServer(
    ({ url = '', headers }, body, response) => {
      const form = Object.fromEntries(new URLSearchParams(body));
      const { authorization, connection } = headers;
      requests.push({ path: url, authorization, connection, form });
      const { To = '', Body, ContentVariables = '' } = form;
      received.push({ to: To.replace(/^whatsapp:/, ''), text: Body ?? ContentVariables });
      reply(answer, response, To);
    },
    { behaviour: how },
  );
  return { baseUrl, requests, received, close };
}

function reply(answer: Answer, response: ServerResponse, to: string): void {
  if (answer === 'hangs') return;
  if (answer === 'cuts') {
    response.destroy();
    return;
  }
  response.setHeader('content-type', 'application/json');
  if (answer === 'accepts') {
    response
      .writeHead(201)
      .end(JSON.stringify({ sid: `SM${'0'.repeat(32)}`, status: 'queued', to }));
    return;
  }
  const { status, code, stalls } = answer;
  if (stalls) {
    response.writeHead(status, { 'content-length': 100 }).write('{"code":21211,');
    return;
  }
  if (status >= 300 && status < 400) response.setHeader('location', '/elsewhere');
  const message = `The 'To' number ${to} is not one for this message.`;
  response
    .writeHead(status)
    .end(code === undefined ? '<html>' : JSON.stringify({ code, message, status }));
}
