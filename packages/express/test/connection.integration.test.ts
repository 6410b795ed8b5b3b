import { connectionSuite, MOUNT } from '@otp/test/connection-suite';
import { otpRouter } from '../src/index.js';
import { EXPRESS, type ExpressName, listen } from './express-app.js';

for (const name of Object.keys(EXPRESS) as ExpressName[]) {
  connectionSuite(name, (service) => {
    const app = EXPRESS[name]();
    app.use((req, res, next) => {
      const cookie = req.get('x-host-cookie');
      if (cookie !== undefined) res.setHeader('set-cookie', cookie);
      next();
    });
    return listen(app.use(MOUNT, otpRouter(service)));
  });
}
