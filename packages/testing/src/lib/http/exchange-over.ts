import { once } from 'node:events';
import { type Agent, request as httpRequest } from 'node:http';
import type { ExchangeRequest, ExchangeResponse, Header } from './exchange.js';

/**
 * Sends one request to this machine exactly as written, repeated header fields included.
 *
 * @param port where the server listens
 * @param request with the path from the root of the server
 * @param agent keeps connections; by default each request has its own
 * @returns the response, with its header fields as received
 */
export async function exchangeOver(
  port: number,
  request: ExchangeRequest,
  agent: Agent | false = false,
): Promise<ExchangeResponse> {
  const { method, path, headers, body } = request;
  const bytes = Buffer.from(body ?? '');
  // Node adds nothing to headers that are an array.
  const length: Header[] =
    body === undefined && method !== 'POST' ? [] : [['content-length', String(bytes.length)]];
  const fields: Header[] = [['host', `127.0.0.1:${port}`], ...headers, ...length];
  const sent = httpRequest({
    port,
    host: '127.0.0.1',
    method,
    path,
    agent,
    headers: fields.flat(),
  });
  sent.end(bytes.length === 0 ? undefined : bytes);
  const [response] = await once(sent, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const raw: string[] = response.rawHeaders;
  const received = raw.flatMap((name, index): Header[] =>
    index % 2 === 0 ? [[name.toLowerCase(), raw[index + 1] ?? '']] : [],
  );
  return {
    status: response.statusCode,
    headers: received,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}
