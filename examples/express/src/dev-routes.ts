import { type Demo, isLocalAddress, isLocalHost, issueChallenge } from '@otp/example-shared';
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { sessionIn, write } from './demo-routes.js';

const INBOX_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

/** What nobody but the developer may reach: the messages, and challenges without a sign-in. */
export function devRoutes(demo: Demo, { inboxPage }: { inboxPage: string }): Router {
  const router = express.Router();
  router.use(localOnly);
  router.post('/challenge', express.json(), async (req, res) => {
    write(res, await issueChallenge(demo, req.body, sessionIn(req, demo)));
  });
  router.get('/inbox', (req, res) => {
    res.set({ 'cache-control': 'no-store', vary: 'Accept' });
    // JSON first: that is what a client gets that accepts anything.
    if (req.accepts(['json', 'html']) === 'html') {
      // An e-mail is styled in line. Its frame inherits this policy, and is sandboxed beside it.
      res.set('content-security-policy', INBOX_POLICY);
      return res.sendFile(inboxPage);
    }
    const { to, whole } = req.query;
    const wanted = typeof to === 'string' ? to : undefined;
    return res.json(whole === '1' ? demo.inbox.listWhole(wanted) : demo.inbox.list(wanted));
  });
  return router;
}

/** By the socket, which no header can change, and by `Host`. */
function localOnly(req: Request, res: Response, next: NextFunction): void {
  if (isLocalAddress(req.socket.remoteAddress) && isLocalHost(req.headers.host)) next();
  else res.status(404).end();
}
