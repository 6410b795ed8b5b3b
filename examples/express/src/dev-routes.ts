import { isIP } from 'node:net';
import type { OtpService } from '@otp/core';
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { challengeRoute } from './demo-routes.js';
import type { Inbox } from './inbox.js';
import type { Settings } from './settings.js';

/** What nobody but the developer may reach: the messages, and challenges without a sign-in. */
export function devRoutes(
  service: OtpService,
  settings: Settings,
  { inbox, inboxPage }: { inbox: Inbox; inboxPage: string },
): Router {
  const router = express.Router();
  router.use(localOnly);
  router.post('/challenge', express.json(), challengeRoute(service, settings));
  router.get('/inbox', (req, res) => {
    res.set({ 'cache-control': 'no-store', vary: 'Accept' });
    // JSON first: that is what a client gets that accepts anything.
    if (req.accepts(['json', 'html']) === 'html') return res.sendFile(inboxPage);
    const { to } = req.query;
    // A plus sign that nobody has escaped arrives as a space, which no recipient has.
    const wanted = typeof to === 'string' ? to.replaceAll(' ', '+').toLowerCase() : undefined;
    return res.json(inbox.list(wanted));
  });
  return router;
}

const LOCAL_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i;

/**
 * By the socket, which no header can change, and by `Host`, which a page on another name that was made
 * to resolve to this machine cannot.
 */
function localOnly(req: Request, res: Response, next: NextFunction): void {
  const address = (req.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const isLoopback = address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));
  if (isLoopback && LOCAL_HOST.test(req.headers.host ?? '')) next();
  else res.status(404).end();
}
