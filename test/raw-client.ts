import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawResponse {
  readonly status: number;
  /** Header fields, one a line, names in lower case. */
  readonly head: string;
  readonly body: string;
}

/** A connection for requests that an HTTP client would not send. */
export class RawClient {
  readonly #socket: Socket;
  #received = '';
  #closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    // Latin-1 has one character for each byte, so that lengths are right.
    socket.setEncoding('latin1');
    socket.on('data', (text) => {
      this.#received += text;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#closed = true;
    });
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  get isOpen(): boolean {
    return !this.#closed;
  }

  /** Resolves once the text is written, or the connection is closed. */
  async send(text: string): Promise<void> {
    if (this.#closed) return;
    await new Promise<void>((resolve) => {
      this.#socket.write(text, () => resolve());
    });
  }

  /** Returns the next complete response; rejects after 5 s, or if the server closes the connection. */
  async next(): Promise<RawResponse> {
    const deadline = performance.now() + 5_000;
    for (;;) {
      const response = this.takeNow();
      if (response !== undefined) return response;
      if (this.#closed) throw new Error(`the server hung up after ${this.#received.length} bytes`);
      if (performance.now() > deadline) throw new Error(`no response: ${this.#received}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** Returns the next response if it has been received. */
  takeNow(): RawResponse | undefined {
    const end = this.#received.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const [statusLine = '', ...fields] = this.#received.slice(0, end).split('\r\n');
    const head = fields.map((field) => field.replace(/^[^:]+/, (name) => name.toLowerCase()));
    const framed = takeBody(head.join('\n'), this.#received.slice(end + 4));
    if (framed === undefined) return undefined;
    this.#received = framed.rest;
    return { status: Number(statusLine.split(' ')[1]), head: head.join('\n'), body: framed.body };
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Splits off the body that follows the head; undefined while it is incomplete. */
function takeBody(head: string, received: string): { body: string; rest: string } | undefined {
  if (/^transfer-encoding: chunked$/m.test(head)) return takeChunks(received);
  const length = Number(/^content-length: (\d+)$/m.exec(head)?.[1] ?? 0);
  if (received.length < length) return undefined;
  return { body: received.slice(0, length), rest: received.slice(length) };
}

/** RFC 9112, 7.1, without extensions and trailers. */
function takeChunks(received: string): { body: string; rest: string } | undefined {
  let body = '';
  let rest = received;
  for (;;) {
    const line = /^([0-9a-f]+)\r\n/i.exec(rest);
    if (line === null) return undefined;
    const size = Number.parseInt(line[1] ?? '', 16);
    const start = line[0].length;
    if (rest.length < start + size + 2) return undefined;
    body += rest.slice(start, start + size);
    rest = rest.slice(start + size + 2);
    if (size === 0) return { body, rest };
  }
}

/** Writes a request, with `content-length` unless `length` is null. */
export function rawRequest(
  line: string,
  fields: readonly string[],
  body = '',
  { length = Buffer.byteLength(body) }: { length?: number | null } = {},
): string {
  const own = length === null ? [] : [`Content-Length: ${length}`];
  return `${[`${line} HTTP/1.1`, 'Host: localhost', ...fields, ...own].join('\r\n')}\r\n\r\n${body}`;
}
