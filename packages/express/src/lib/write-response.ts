import type { OtpResponse } from '@otp/core/adapter';
import type { Request, Response } from 'express';

/** An unread body up to this size is read and dropped, so that the connection stays usable. */
const MAX_DROP_BYTES = 64 * 1024;
/** The time that a client which continues to send has to read the response. */
const LINGER_MS = 1_000;

/**
 * Writes the response, also when the request has a body that has not been read to its end.
 *
 * @param req the request of Express
 * @param res the response of Express; nothing is written when it has begun or the connection is closed
 * @param response the response of the service
 */
export function writeResponse(
  req: Request,
  res: Response,
  { status, headers, body }: OtpResponse,
): void {
  if (res.headersSent || res.destroyed) return;
  res.statusCode = status;
  for (const [name, value] of headers) {
    if (name === 'vary') res.vary(value);
    // Keep cookies that the host has set before.
    else if (name === 'set-cookie') res.appendHeader(name, value);
    else res.setHeader(name, value);
  }
  if (body !== null) res.setHeader('content-length', Buffer.byteLength(body));
  if (!req.complete && declaredLength(req) > MAX_DROP_BYTES) {
    endLingering(req, res, body);
  } else {
    res.end(body ?? undefined);
    req.resume();
  }
}

function declaredLength({ headers }: Request): number {
  if (headers['transfer-encoding'] !== undefined) return Number.POSITIVE_INFINITY;
  return Number(headers['content-length'] ?? 0);
}

/**
 * Responds without reading on, and closes the connection when the client has closed its side or `LINGER_MS` have
 * passed. Closing at once, with unread data, resets the connection and may destroy the response (RFC 9112, 9.6).
 */
function endLingering(req: Request, res: Response, body: string | null): void {
  res.setHeader('connection', 'close');
  if (body === null) res.flushHeaders();
  else res.write(body);
  const end = () => {
    clearTimeout(timer);
    res.end();
  };
  const timer = setTimeout(end, LINGER_MS);
  req.once('close', end);
}
