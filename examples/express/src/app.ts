import { fileURLToPath } from 'node:url';
import { otpRouter } from '@otp/express';
import express, { type Express, type Request } from 'express';
import { answerError, demoRoutes, sessionOf } from './demo-routes.js';
import { devRoutes } from './dev-routes.js';
import { Inbox } from './inbox.js';
import { createDemoService } from './service.js';
import { SettingError, type Settings } from './settings.js';

const PUBLIC = fileURLToPath(new URL('../public/', import.meta.url));

export function createApp(settings: Settings): Express {
  const inbox = new Inbox(settings.failing);
  const service = createDemoService(settings, inbox);
  const app = express();
  app.disable('x-powered-by');
  setTrustProxy(app, settings);

  const session = (req: Request) => sessionOf(req, settings);
  const options = settings.sessionHeader === undefined ? {} : { session };
  app.use('/v1/session/otp', otpRouter(service, options));

  app.use((_req, res, next) => {
    res.set({
      'content-security-policy': "default-src 'self'; frame-ancestors 'none'; base-uri 'none'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    next();
  });
  app.use('/dev', devRoutes(service, settings, { inbox, inboxPage: `${PUBLIC}inbox.html` }));
  app.use(demoRoutes(service, settings));
  app.get('/step-up', (_req, res) => res.sendFile(`${PUBLIC}step-up.html`));
  app.use(express.static(PUBLIC));
  app.use(answerError);
  return app;
}

function setTrustProxy(app: Express, { trustProxy }: Settings): void {
  try {
    app.set('trust proxy', trustProxy);
  } catch (cause) {
    throw new SettingError(
      'OTP_TRUST_PROXY must be true, false, a number of hops, or loopback, linklocal, uniquelocal and subnets by comma.',
      { cause },
    );
  }
}
