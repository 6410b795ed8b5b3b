import type { RequestBody } from '@otp/core';
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
    const finish = (body: RequestBody) => {
      req.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
      resolve(body);
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) {
        req.pause();
        finish({ refused: 'too_large' });
      } else {
        chunks.push(chunk);
      }
    };
    const onEnd = () => {
      const [only] = chunks;
      finish(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks));
    };
    const onClose = () => finish({ refused: 'incomplete' });
    req.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });
}

/** `express.text()` leaves a string, `express.raw()` a Buffer, `express.json()` the value itself. */
function parsedBody(body: unknown): RequestBody {
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  return { parsed: body };
}
