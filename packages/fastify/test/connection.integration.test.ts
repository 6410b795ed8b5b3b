import { connectionSuite, MOUNT } from '@otp/test/connection-suite';
import { otpPlugin } from '../src/index.js';
import { createApp, FASTIFY, listen } from './fastify-app.js';

for (const [name, create] of Object.entries(FASTIFY)) {
  connectionSuite(name, (service) => {
    const app = createApp(create);
    app.addHook('onRequest', async (request, reply) => {
      const cookie = request.headers['x-host-cookie'];
      if (cookie !== undefined) reply.header('set-cookie', cookie);
    });
    app.register(otpPlugin, { prefix: MOUNT, service });
    return listen(app);
  });
}
