import { createMemoryStore, createOtpService } from '@otp/core';
import { otpFetch } from '@otp/fetch';
import type { ExchangeRequest, Header } from '@otp/testing';
import { createProgram } from './program.js';

interface Env {
  readonly PORT: number;
}

const sender = { send: async () => undefined };

/** While the module is loaded, where Workers allow neither random values nor timers. */
const service = createOtpService({
  appId: 'worker',
  issuer: 'https://otp.example',
  secret: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8',
  store: createMemoryStore(),
  channels: { email: { sender } },
});
const ofModule = otpFetch(service, { basePath: '/module' });

/** All fields are joined by commas, cookies too, and an empty one is absent. */
function received(request: ExchangeRequest): ExchangeRequest {
  const fields = Map.groupBy(request.headers, ([name]) => name);
  const headers = [...fields].map(
    ([name, values]): Header => [name, values.map(([, value]) => value).join(', ')],
  );
  return { ...request, headers: headers.filter(([, value]) => value !== '') };
}

let answer: ReturnType<typeof createProgram<Env>> | undefined;

export default {
  fetch(request: Request, env: Env): Promise<Response> {
    if (new URL(request.url).pathname.startsWith('/module')) return ofModule(request);
    // There is no socket here: Cloudflare's network writes the address into a header field.
    const clientAddress = () => '127.0.0.1';
    answer ??= createProgram<Env>({ port: env.PORT, clientAddress, received });
    return answer(request, env);
  },
};
