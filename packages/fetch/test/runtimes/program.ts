import { once } from 'node:events';
import { connect } from 'node:net';
import { type OtpFetchHandler, otpFetch } from '@otp/fetch';
import { compareWithHandle } from '@otp/test/compare-adapter';
import {
  type AdapterUnderTest,
  adapterCases,
  type ExchangeRequest,
  type ExchangeResponse,
  type Header,
} from '@otp/testing';
import { Hono } from 'hono';

const MOUNT = '/v1/session/otp';
const ADDRESS = '127.0.0.1';

/** What a runtime brings. */
export interface Runtime<Context> {
  readonly port: number;
  readonly clientAddress: (request: Request, context: Context) => string | undefined;
  /** Returns the request as the runtime passes it on. @default unchanged */
  readonly received?: (request: ExchangeRequest) => ExchangeRequest;
}

/**
 * Runs the suite of adapters in the runtime that it serves: `/run?host=Hono&case=3` runs a case, and the case sends its
 * requests to this server, over HTTP. Answers what is wrong, or nothing.
 */
export function createProgram<Context>(runtime: Runtime<Context>) {
  let mounted: OtpFetchHandler<Context> | undefined;
  const byHand = async (request: Request, context: Context) =>
    (await mounted?.(request, context)) ?? new Response('nothing is mounted', { status: 503 });
  const hono = new Hono<{ Bindings: object }>().all(`${MOUNT}/*`, (c) =>
    byHand(c.req.raw, c.env as Context),
  );
  const hosts: Readonly<Record<string, OtpFetchHandler<Context>>> = {
    'by hand': byHand,
    Hono: async (request, context) => hono.fetch(request, context as object),
  };
  let host = byHand;
  const adapter: AdapterUnderTest = {
    async mount(service, { session } = {}) {
      mounted = otpFetch<Context>(service, {
        basePath: MOUNT,
        clientAddress: runtime.clientAddress,
        ...(session && { session: () => session() }),
      });
      return {
        url: `http://${ADDRESS}:${runtime.port}${MOUNT}`,
        exchange: (request) => exchange(runtime.port, request),
        async close() {
          mounted = undefined;
        },
      };
    },
  };
  const { received = (request) => request } = runtime;
  const compare = async () => {
    await compareWithHandle(adapter, { clientAddress: ADDRESS, received });
  };
  return async (request: Request, context: Context): Promise<Response> => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== '/run') return host(request, context);
    host = hosts[searchParams.get('host') ?? ''] ?? byHand;
    const name = searchParams.get('case');
    const found = adapterCases.find((each) => each.name === name);
    try {
      await (found === undefined ? compare() : found.run(adapter));
      return new Response('');
    } catch (error) {
      return new Response(describe(error), { status: 500 });
    }
  };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.stack}\n${error.cause === undefined ? '' : describe(error.cause)}`;
}

/** By a socket, because every runtime has those of Node and each has an HTTP client with habits of its own. */
async function exchange(
  port: number,
  { method, path, headers, body = '' }: ExchangeRequest,
): Promise<ExchangeResponse> {
  const bytes = Buffer.from(body);
  const hasLength = bytes.length > 0 || method === 'POST';
  const fields: Header[] = [
    ['host', `${ADDRESS}:${port}`],
    ['connection', 'close'],
    ...headers,
    ...(hasLength ? [['content-length', String(bytes.length)] as const] : []),
  ];
  const target = MOUNT + path.replace(/^\/(?=$|\?)/, '');
  const head = [`${method} ${target} HTTP/1.1`, ...fields.map((field) => field.join(': ')), '', ''];
  const socket = connect(port, ADDRESS);
  const received: Buffer[] = [];
  socket.on('data', (chunk) => received.push(chunk));
  socket.write(Buffer.concat([Buffer.from(head.join('\r\n'), 'latin1'), bytes]));
  await once(socket, 'close');
  return parse(Buffer.concat(received).toString('latin1'));
}

function parse(text: string): ExchangeResponse {
  const end = text.indexOf('\r\n\r\n');
  const [status = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = lines.map((line): Header => {
    const [, name = '', value = ''] = /^([^:]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    return [name.toLowerCase(), value];
  });
  const rest = text.slice(end + 4);
  const isChunked = headers.some(([name]) => name === 'transfer-encoding');
  const body = Buffer.from(isChunked ? joinChunks(rest) : rest, 'latin1').toString();
  return { status: Number(status.split(' ')[1]), headers, body };
}

/** RFC 9112, 7.1, without extensions and trailers. */
function joinChunks(rest: string): string {
  const [line = '', length = ''] = /^([0-9a-f]+)\r\n/i.exec(rest) ?? [];
  const size = Number.parseInt(length, 16);
  if (!(size > 0)) return '';
  const start = line.length;
  return rest.slice(start, start + size) + joinChunks(rest.slice(start + size + 2));
}
