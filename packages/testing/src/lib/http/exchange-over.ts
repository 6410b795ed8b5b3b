import { once } from 'node:events';
import { type Agent, request as httpRequest } from 'node:http';
import type { ExchangeRequest, ExchangeResponse, Header } from './exchange.js';

/** Sends one request as it is written, repeated fields and all; without an agent over a connection of its own. */
export async function exchangeOver(
  port: number,
  { method, path, headers, body }: ExchangeRequest,
  agent: Agent | false = false,
): Promise<ExchangeResponse> {
  const bytes = Buffer.from(body ?? '');
  // A list is sent as it is, so what Node adds by itself has to be in it.
  const length: Header[] =
    body === undefined && method !== 'POST' ? [] : [['content-length', String(bytes.length)]];
  const fields: Header[] = [['host', `127.0.0.1:${port}`], ...headers, ...length];
  const request = httpRequest({
    port,
    host: '127.0.0.1',
    method,
    path,
    agent,
    headers: fields.flat(),
  });
  request.end(bytes.length === 0 ? undefined : bytes);
  const [response] = await once(request, 'response');
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
