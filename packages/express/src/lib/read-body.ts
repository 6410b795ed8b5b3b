import { type RequestBody, readNodeBody } from '@otp/core/adapter';
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
  return readNodeBody(req, maxBytes);
}

/** `express.text()` leaves a string, `express.raw()` a Buffer, `express.json()` the value itself. */
function parsedBody(body: unknown): RequestBody {
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  return { parsed: body };
}
