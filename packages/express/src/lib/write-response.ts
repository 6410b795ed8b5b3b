import type { OtpResponse } from '@otp/core/adapter';
import type { Request, Response } from 'express';

/** An unread body of this length at most is read and dropped, so that the connection stays usable. */
const MAX_DROP_BYTES = 64 * 1024;
/** How long a client that goes on sending gets to read our answer. */
const LINGER_MS = 1_000;

export function writeResponse(
  req: Request,
  res: Response,
  { status, headers, body }: OtpResponse,
): void {
  if (res.headersSent || res.destroyed) return;
  res.statusCode = status;
  for (const [name, value] of headers) {
    if (name === 'vary') res.vary(value);
    // A host's own cookies, set before us, stay.
    else if (name === 'set-cookie') res.appendHeader(name, value);
    else res.setHeader(name, value);
  }
  if (body !== null) res.setHeader('content-length', Buffer.byteLength(body));
  if (req.complete) {
    res.end(body ?? undefined);
  } else if (declaredLength(req) <= MAX_DROP_BYTES) {
    res.end(body ?? undefined);
    req.resume();
  } else {
    endLingering(req, res, body);
  }
}

function declaredLength({ headers }: Request): number {
  if (headers['transfer-encoding'] !== undefined) return Number.POSITIVE_INFINITY;
  return Number(headers['content-length'] ?? 0);
}

/**
 * Answers without reading on, then closes the connection once the client has closed its side or had its
 * time: closing at once, with unread data, resets the connection and may take the answer with it
 * (RFC 9112, 9.6).
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
