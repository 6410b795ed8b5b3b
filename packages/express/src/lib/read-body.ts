import type { RequestBody } from '@otp/core/adapter';
import type { Request } from 'express';

/**
 * The body of a request: what a parser before us has made of it, or else its bytes, up to `maxBytes`.
 * Nothing is read beyond the chunk that crosses that line.
 */
export function readBody(req: Request, maxBytes: number): Promise<RequestBody> {
  // Whoever reads first has it; Express 4's parsers set `req.body` also when they have not read.
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
        // Once: what comes after the answer is for whoever writes that to deal with.
        req.pause();
        resolve({ refused: 'too_large' });
      }
    });
    req.on('end', () => {
      const [only] = chunks;
      resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks));
    });
    // Also after a request that was cut off; after `end` it changes nothing.
    req.on('close', () => resolve({ refused: 'incomplete' }));
  });
}

/** `express.text()` leaves a string, `express.raw()` a Buffer, `express.json()` the value itself. */
function parsedBody(body: unknown): RequestBody {
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  return { parsed: body };
}
