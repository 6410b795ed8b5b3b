import { type Failure, type Identifier, type OtpService, toErrorResponse } from '@otp/core';
import express, {
  type ErrorRequestHandler,
  type Request,
  type Response,
  type Router,
} from 'express';
import type { Settings } from './settings.js';

/** Who is signed in at the demo; a real host takes this from its own session. */
const DEMO_USER = {
  sub: 'user-ada',
  name: 'Ada Demo',
  email: 'ada@example.com',
  phone: '+12025550123',
} as const;
const DEMO_SESSION = 'session-of-ada';

const STEPS: Readonly<Record<string, Identifier>> = {
  verify_sms: { type: 'phone_number', value: DEMO_USER.phone },
  verify_email: { type: 'email_address', value: DEMO_USER.email },
};

/** The session that asks: the demo user's own, unless the setting's header names another. */
export function sessionOf(req: Request, { sessionHeader }: Settings): string {
  return (sessionHeader === undefined ? undefined : req.get(sessionHeader)) || DEMO_SESSION;
}

/** What a host adds around the mounted routes: it starts a step-up and takes the completed tokens. */
export function demoRoutes(service: OtpService, settings: Settings): Router {
  const router = express.Router();
  router.use(express.json());

  router.get('/demo/config', (_req, res) => {
    const { appId, retryIntervalSeconds } = settings;
    res.json({ appId, retryIntervalSeconds, user: DEMO_USER });
  });

  // A host that signs people in by a code would open their session here.
  router.post('/demo/session', async (req, res) => {
    const taken = await service.consumeChallengeToken(req.body?.challenge_token, {
      grantMode: 'session-start',
    });
    if (!taken.ok) return sendFailure(res, taken);
    const { amr, auth_time } = taken.claims;
    res.json({ identifier: taken.identifier, amr, auth_time });
  });

  // And this would move the money.
  router.post('/demo/transfer', async (req, res) => {
    const taken = await service.consumeChallengeToken(req.body?.challenge_token, {
      grantMode: 'step-up',
      sub: DEMO_USER.sub,
      sid: sessionOf(req, settings),
      scope: 'transfer:create',
    });
    if (!taken.ok) return sendFailure(res, taken);
    const { sub, scope_requested: scope, amr, auth_time } = taken.claims;
    res.json({ sub, scope, amr, auth_time });
  });
  return router;
}

/** `POST /dev/challenge`: the step-up endpoint of a host, without the sign-in that it would ask for. */
export function challengeRoute(service: OtpService, settings: Settings) {
  return async (req: Request, res: Response) => {
    const { scope = 'transfer:create', step = 'verify_sms' } = req.body ?? {};
    const identifier = Object.hasOwn(STEPS, String(step)) ? STEPS[String(step)] : undefined;
    if (typeof scope !== 'string' || identifier === undefined) {
      const message = 'scope must be a string, step verify_sms or verify_email';
      return sendFailure(res, { ok: false, code: 'bad_request', message });
    }
    const challenge_token = await service.issueChallengeToken({
      sub: DEMO_USER.sub,
      sid: sessionOf(req, settings),
      scope,
      steps: [{ key: String(step), identifier }],
    });
    res.json({ challenge_token });
  };
}

/** Without it, Express answers what its body parser refuses with a page that shows the stack. */
export const answerError: ErrorRequestHandler = (error, _req, res, next) => {
  if (res.headersSent) return next(error);
  if (error?.status >= 400 && error.status < 500) {
    return sendFailure(res, { ok: false, code: 'bad_request', message: 'The body must be JSON.' });
  }
  console.error(error);
  sendFailure(res, { ok: false, code: 'internal' });
};

function sendFailure(res: Response, failure: Failure): void {
  const { status, headers, body } = toErrorResponse(failure);
  res.status(status);
  for (const [name, value] of headers) res.setHeader(name, value);
  res.end(body);
}
