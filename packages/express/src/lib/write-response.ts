import { hasLargeRest, linger, type OtpResponse } from '@otp/core/adapter';
import type { Request, Response } from 'express';

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
  if (!hasLargeRest(req)) {
    res.end(body ?? undefined);
    req.resume();
    return;
  }
  res.setHeader('connection', 'close');
  if (body === null) res.flushHeaders();
  else res.write(body);
  linger(req, () => res.end());
}
