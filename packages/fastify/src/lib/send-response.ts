import type { Http2ServerRequest } from 'node:http2';
import { Readable } from 'node:stream';
import { hasLargeRest, linger, type OtpResponse } from '@otp/core/adapter';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Sends the response through the `onSend` hooks of the host, also when the request has a body that has not been read to
 * its end.
 *
 * @param request the request of Fastify
 * @param reply the reply of Fastify, whose header fields are kept
 * @param response the response of the service
 */
export function sendResponse(
  { raw }: FastifyRequest,
  reply: FastifyReply,
  { status, headers, body }: OtpResponse,
): FastifyReply {
  reply.code(status);
  for (const [name, value] of headers) {
    if (name === 'vary') vary(reply, value);
    else reply.header(name, value); // beside other cookies, in place of any other field
  }
  if (!raw.complete && raw.httpVersionMajor === 2) endStream(raw);
  if (!hasLargeRest(raw)) return reply.send(body === null ? undefined : Buffer.from(body));
  reply.header('connection', 'close');
  if (body !== null) reply.header('content-length', Buffer.byteLength(body));
  const lingering = new Readable({ read() {} });
  lingering.push(body);
  linger(raw, () => lingering.push(null));
  return reply.send(lingering);
}

/** Over HTTP/2, a request can end while its connection goes on (RFC 9113, 8.1). */
function endStream(raw: FastifyRequest['raw']): void {
  const { stream } = raw as unknown as Http2ServerRequest;
  // 'finish' of the response itself comes only when both sides have ended.
  stream.once('finish', () => stream.destroy());
}

function vary(reply: FastifyReply, field: string): void {
  const fields = String(reply.getHeader('vary') ?? '').split(', ');
  reply.header('vary', [...new Set([...fields, field])].filter(Boolean).join(', '));
}
