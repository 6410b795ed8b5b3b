import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { RequestBody } from './otp-request.js';

/** An unread body up to this size is read and dropped, so that the connection stays usable. */
const MAX_DROP_BYTES = 64 * 1024;
/** The time that a client which continues to send has to read the response. */
const LINGER_MS = 1_000;

/**
 * Returns every value of a header field, in order. `req.headers` joins or drops repeated fields, and core must see them.
 * A request that was made from an event of Lambda may have nothing else, and numbers in either.
 *
 * @param req the request of Node
 * @param name in lower case
 */
export function rawHeaderValues(
  { rawHeaders, headers }: Pick<IncomingMessage, 'rawHeaders' | 'headers'>,
  name: string,
): string[] {
  if (rawHeaders.length === 0) return [headers[name] ?? []].flat().map(String);
  return rawHeaders
    .filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name)
    .map(String);
}

/**
 * Reads the body of a request.
 *
 * @param stream the request, or what a host has made of its body
 * @param maxBytes reading stops at the chunk that exceeds this size
 * @returns the bytes, or why there are none
 */
export function readNodeBody(stream: Readable, maxBytes: number): Promise<RequestBody> {
  if (stream.readableEnded) return Promise.resolve('');
  if (stream.destroyed) return Promise.resolve({ refused: 'incomplete' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) {
        chunks.push(chunk);
      } else if (size - chunk.length <= maxBytes) {
        // Only once: when the stream is resumed to drop the rest, its chunks arrive here too.
        stream.pause();
        resolve({ refused: 'too_large' });
      }
    });
    stream.on('end', () => resolve(Buffer.concat(chunks)));
    // `close` follows `end` too, where it changes nothing; alone, the client has aborted the request.
    for (const event of ['close', 'error']) {
      stream.on(event, () => resolve({ refused: 'incomplete' }));
    }
  });
}

/** Whether so much of the body is unread that the connection should end instead of dropping it. */
export function hasLargeRest({ complete, headers }: IncomingMessage): boolean {
  if (complete) return false;
  if (headers['transfer-encoding'] !== undefined) return true;
  return Number(headers['content-length'] ?? 0) > MAX_DROP_BYTES;
}

/**
 * Calls `end`, which closes the connection, when the client has closed its side or `LINGER_MS` have passed. Closing at
 * once, with unread data, resets the connection and may destroy the response (RFC 9112, 9.6).
 */
export function linger(req: IncomingMessage, end: () => void): void {
  const endOnce = () => {
    clearTimeout(timer);
    req.off('close', endOnce);
    end();
  };
  const timer = setTimeout(endOnce, LINGER_MS);
  req.once('close', endOnce);
}
