import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  type AdapterUnderTest,
  type ExchangeRequest,
  exchangeOver,
  headerValues,
} from '@otp/testing';
import type createNext from 'next';
import type { OtpRoutes, OtpRoutesOptions } from '../src/index.js';
import { routesOf } from './direct.js';

const require = createRequire(import.meta.url);
/** The types of Next declare an ES module, but it is CommonJS. */
const next: typeof createNext.default = require('next');
const dir = fileURLToPath(new URL('./app', import.meta.url));

declare global {
  /** The handlers that the routes of test/app call. */
  var otpRoutesUnderTest: OtpRoutes | undefined;
  /** `after` of next/server as the app has loaded it; set by the first request to a route. */
  var nextAfter: ((work: Promise<unknown>) => void) | undefined;
}

export interface NextApp {
  readonly port: number;
  readonly server: Server;
  close(): Promise<void>;
}

/** Builds test/app as a host does. */
export async function buildNextApp(): Promise<void> {
  const cli = require.resolve('next/dist/bin/next');
  const env = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' } as const;
  await promisify(execFile)(process.execPath, [cli, 'build', dir], { env });
}

/**
 * Starts the built app with Next's own production server in this process, so that its routes use the service of a test,
 * with the clock, the store and the sender of that test.
 */
export async function startNextApp(): Promise<NextApp> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const app = next({ dir, dev: false, hostname: '127.0.0.1', port });
  await app.prepare();
  const respond = app.getRequestHandler();
  server.on('request', (req, res) => void respond(req, res));
  return {
    port,
    server,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await app.close();
    },
  };
}

/** The app's routes under `mount`, found without an option; one service at a time. */
export function nextAdapter(
  app: () => NextApp,
  mount: string,
  routes: Omit<OtpRoutesOptions, 'session' | 'basePath'> = {},
): AdapterUnderTest {
  return {
    async mount(service, options) {
      globalThis.otpRoutesUnderTest = routesOf(service, { ...options, ...routes });
      return {
        url: `http://127.0.0.1:${app().port}${mount}`,
        exchange: (request) => {
          const path = request.path.replace(/^\/(?=$|\?)/, '');
          return exchangeOver(app().port, { ...request, path: `${mount}${path}` });
        },
        // Node's `req.headers`, which Next copies, keeps the first of some fields.
        dropsRepeatedFields: true,
        async close() {
          globalThis.otpRoutesUnderTest = undefined;
        },
      };
    },
  };
}

/** Follows redirects as browsers do: Next redirects other spellings of a path. */
export function followingRedirects({ mount }: AdapterUnderTest): AdapterUnderTest {
  return {
    async mount(service, options) {
      const mounted = await mount(service, options);
      const base = new URL(mounted.url);
      return {
        ...mounted,
        async exchange(request) {
          const response = await mounted.exchange(request);
          const [location] = headerValues(response, 'location');
          if (response.status !== 308 || location === undefined) return response;
          const { pathname, search } = new URL(location, base);
          const path = pathname.slice(base.pathname.length) || '/';
          return mounted.exchange({ ...request, path: path + search });
        },
      };
    },
  };
}

/** A request as a route receives it: a decoded path without a slash at its end, and one content type. */
export function receivedByNext(request: ExchangeRequest): ExchangeRequest {
  let hasType = false;
  const headers = request.headers.filter(([name]) => {
    const isRepeated = name === 'content-type' && hasType;
    hasType ||= name === 'content-type';
    return !isRepeated;
  });
  const path = decodeURIComponent(request.path).replace(/(?<=.)\/+(?=$|\?)/, '');
  return { ...request, path, headers };
}
