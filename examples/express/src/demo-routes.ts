import type { OtpResponse } from '@otp/core/adapter';
import {
  answerFailure,
  type Demo,
  makeTransfer,
  readConfig,
  sessionOf,
  startSession,
} from '@otp/example-shared';
import express, {
  type ErrorRequestHandler,
  type Request,
  type Response,
  type Router,
} from 'express';

/** What a host adds around the mounted routes. */
export function demoRoutes(demo: Demo): Router {
  const router = express.Router();
  router.use(express.json());
  router.get('/demo/config', (_req, res) => write(res, readConfig(demo)));
  router.post('/demo/session', async (req, res) => write(res, await startSession(demo, req.body)));
  router.post('/demo/transfer', async (req, res) => {
    write(res, await makeTransfer(demo, req.body, sessionIn(req, demo)));
  });
  return router;
}

export function sessionIn(req: Request, { settings }: Demo): string {
  return sessionOf((name) => req.get(name), settings);
}

/** Without it, Express answers what its body parser refuses with a page that shows the stack. */
export const answerError: ErrorRequestHandler = (error, _req, res, next) => {
  if (res.headersSent) return next(error);
  if (error?.status >= 400 && error.status < 500) {
    return write(res, answerFailure('bad_request', 'The body must be JSON.'));
  }
  console.error(error);
  write(res, answerFailure('internal'));
};

export function write(res: Response, { status, headers, body }: OtpResponse): void {
  res.status(status);
  for (const [name, value] of headers) res.setHeader(name, value);
  res.end(body ?? undefined);
}
