import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { ListeningApp } from '@otp/test/connection-suite';
import { listen } from './express-app.js';

interface Stored {
  readonly status: number;
  readonly rawHeaders: string[];
  readonly body: Buffer;
}

/**
 * A cache as in CVE-2025-48947: unless a response forbids it, the proxy stores the response with its `Set-Cookie`, and
 * sends it to the next client with the same request.
 */
export async function startCachingProxy(
  origin: number,
): Promise<ListeningApp & { readonly hits: () => number }> {
  const stored = new Map<string, Stored>();
  let hits = 0;
  const { port, server, close } = await listen((req: IncomingMessage, res: ServerResponse) => {
    void answer(req.method ?? '', req.url ?? '', req.rawHeaders, req).then((response) => {
      res.writeHead(response.status, response.rawHeaders).end(response.body);
    });
  });

  async function answer(
    method: string,
    path: string,
    rawHeaders: string[],
    source: AsyncIterable<Buffer>,
  ): Promise<Stored> {
    const body = await readAll(source);
    const key = `${method} ${path} ${body}`;
    const known = stored.get(key);
    if (known !== undefined) {
      hits += 1;
      return known;
    }
    const call = request({ port: origin, host: '127.0.0.1', method, path, agent: false });
    for (let at = 0; at < rawHeaders.length; at += 2) {
      call.appendHeader(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
    }
    call.end(body);
    const [response] = await once(call, 'response');
    const fresh: Stored = {
      status: response.statusCode,
      rawHeaders: response.rawHeaders,
      body: await readAll(response),
    };
    if (!/no-store|private/.test(response.headers['cache-control'] ?? '')) stored.set(key, fresh);
    return fresh;
  }

  return { port, server, close, hits: () => hits };
}

async function readAll(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}
