import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  type AdapterUnderTest,
  adapterCases,
  type ExchangeRequest,
  exchangeOver,
  headerValues,
} from '@otp/testing';
import { build } from 'esbuild';
import type createNext from 'next';
import type { OtpRoutes, OtpRoutesOptions, otpRoutes } from '../src/index.js';
import { routesOf } from './direct.js';

const require = createRequire(import.meta.url);
/** The types of Next declare an ES module, but it is CommonJS. */
const next: typeof createNext.default = require('next');
/** Apps beside this file: plain, with `basePath` and a proxy in front, with `trailingSlash`. */
type AppName = 'app' | 'shop' | 'slash';
const folderOf = (name: AppName) => fileURLToPath(new URL(`./${name}`, import.meta.url));

declare global {
  /** Returns the handlers that the routes of an app call, made by `otpRoutes` as Next has bundled it for that app. */
  var routesUnderTest: ((own: typeof otpRoutes) => OtpRoutes) | undefined;
  /** `after` of next/server as the app has loaded it; set by the first request to a route. */
  var nextAfter: ((work: Promise<unknown>) => void) | undefined;
}

export interface NextApp {
  readonly port: number;
  readonly server: Server;
  close(): Promise<void>;
}

/** Builds one of the apps as a host does, with this package from source. */
async function buildNextApp(name: AppName): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL('../src/index.ts', import.meta.url))],
    outfile: `${folderOf(name)}/dist/otp-next.js`,
    bundle: true,
    format: 'esm',
    platform: 'node',
  });
  const cli = require.resolve('next/dist/bin/next');
  const env = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' } as const;
  await promisify(execFile)(process.execPath, [cli, 'build', folderOf(name)], { env });
}

/**
 * Builds an app and starts it with Next's own production server in this process, so that its routes use the service of a test,
 * with the clock, the store and the sender of that test.
 */
export async function startNextApp(name: AppName): Promise<NextApp> {
  await buildNextApp(name);
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const app = next({ dir: folderOf(name), dev: false, hostname: '127.0.0.1', port });
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

/** What reaches a route: Next itself redirects paths with a slash too many. */
export const nextCases = adapterCases.filter(({ name }) => !/^one slash at the end/.test(name));

/** As Next writes paths by itself: it redirects every other spelling. */
const withoutSlash = (path: string) => path.replace(/^\/(?=$|\?)/, '');

/** As Next writes paths with `trailingSlash`: names of files have no slash. */
export const withSlash = (path: string) =>
  path.replace(/^(?:\/|\/[^.?]+[^.?/])(?=$|\?)/, (each) => each.replace(/\/?$/, '/'));

/** The app's routes under `mount`, found without an option; one service at a time. */
export function nextAdapter(
  app: () => NextApp,
  mount: string,
  routes: Omit<OtpRoutesOptions, 'session'> = {},
  spell: (path: string) => string = withoutSlash,
): AdapterUnderTest {
  return {
    async mount(service, options) {
      globalThis.routesUnderTest = (own) => routesOf(own, service, { ...options, ...routes });
      return {
        url: `http://127.0.0.1:${app().port}${mount}`,
        exchange: (request) =>
          exchangeOver(app().port, { ...request, path: mount + spell(request.path) }),
        // Node's `req.headers`, which Next copies, keeps the first of some fields.
        dropsRepeatedFields: true,
        async close() {
          globalThis.routesUnderTest = undefined;
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
