import { type HttpBindings, serve } from '@hono/node-server';
import { createProgram } from './program.js';

const port = Number(process.argv[2]);
const answer = createProgram<HttpBindings>({
  port,
  clientAddress: (_request, { incoming }) => incoming.socket.remoteAddress,
});
serve({
  port,
  hostname: '127.0.0.1',
  fetch: (request, env) => answer(request, env as HttpBindings),
});
