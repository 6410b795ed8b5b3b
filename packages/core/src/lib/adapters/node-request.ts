import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { RequestBody } from '../http/otp-request.js';

/** An unread body up to this size is read and dropped, so that the connection stays usable. */
const MAX_DROP_BYTES = 64 * 1024;
/** The time that a client which continues to send has to read the response. */
const LINGER_MS = 1_000;

/**
 * Reads every value of a header field. `req.headers` joins or drops repeated fields, and core must see them.
 * A request that was made from an event of Lambda may have `headers` alone, and numbers among the values.
 *
 * @param req the request of Node
 * @param name in lower case
 * @returns the values, in the order in which they were sent
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
 * @param stream the request, or the stream into which a host has turned its body
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

/**
 * Finds out whether the connection should end after the response, because much of the body is unread.
 *
 * @param req the request of Node
 * @returns whether more than 64 KiB may be unread
 */
export function hasLargeRest({ complete, headers }: IncomingMessage): boolean {
  if (complete) return false;
  if (headers['transfer-encoding'] !== undefined) return true;
  return Number(headers['content-length'] ?? 0) > MAX_DROP_BYTES;
}

/**
 * Delays the end of a response until the client has closed its side, or for a second. A connection that is closed at
 * once, with unread data, is reset, which may destroy the response (RFC 9112, 9.6).
 *
 * @param req the request of Node
 * @param end ends the response, which closes the connection
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
