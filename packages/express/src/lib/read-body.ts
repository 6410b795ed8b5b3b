import type { RequestBody } from '@otp/core/adapter';
import type { Request } from 'express';

/**
 * Reads the body of a request, unless a body parser has read it.
 *
 * @param req the request of Express
 * @param maxBytes reading stops at the chunk that exceeds this size
 * @returns the result of the parser, or the bytes, or why there are none
 */
export function readBody(req: Request, maxBytes: number): Promise<RequestBody> {
  // Express 4's parsers set `req.body` even when they have not read the stream.
  if (req.readableDidRead || req.readableEnded) return Promise.resolve(parsedBody(req.body));
  if (req.destroyed) return Promise.resolve({ refused: 'incomplete' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) {
        chunks.push(chunk);
      } else if (size - chunk.length <= maxBytes) {
        // Only once: `writeResponse` resumes the stream, and its chunks arrive here too.
        req.pause();
        resolve({ refused: 'too_large' });
      }
    });
    req.on('end', () => resolve(Buffer.concat(chunks)));
    // Follows `end` too, where it changes nothing; alone, the client has aborted the request.
    req.on('close', () => resolve({ refused: 'incomplete' }));
  });
}

/** `express.text()` leaves a string, `express.raw()` a Buffer, `express.json()` the value itself. */
function parsedBody(body: unknown): RequestBody {
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  return { parsed: body };
}
