import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Demo, SettingError, type Settings } from '@otp/example-shared';
import express, { type Express, type RequestHandler } from 'express';
import { answerError, demoRoutes } from './demo-routes.js';
import { devRoutes } from './dev-routes.js';

const PUBLIC = fileURLToPath(new URL('../public/', import.meta.url));
/** The files that the pages of every demo use. */
const SHARED = dirname(fileURLToPath(import.meta.resolve('@otp/example-shared/public/style.css')));

/** Creates the app of the demo: its pages, the host's own endpoints and the handler of the mount point. */
export function createApp(demo: Demo, otpRoutes: RequestHandler): Express {
  const app = express();
  app.disable('x-powered-by');
  setTrustProxy(app, demo.settings);
  app.use('/v1/session/otp', otpRoutes);

  app.use((_req, res, next) => {
    res.set({
      'content-security-policy': "default-src 'self'; frame-ancestors 'none'; base-uri 'none'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    next();
  });
  app.use('/dev', devRoutes(demo, { inboxPage: `${PUBLIC}inbox.html` }));
  app.use(demoRoutes(demo));
  app.get('/step-up', (_req, res) => res.sendFile(`${PUBLIC}step-up.html`));
  app.use(express.static(PUBLIC));
  // `../../shared/public/` then leads to the same files on disk and here, since a URL cannot go above its root.
  app.use('/shared/public', express.static(SHARED));
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
