import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Demo, DemoSettings } from '@otp/example-shared/testing/demo';
import { CERTIFICATE, PRIVATE_KEY } from '@otp/test/certificate';
import { afterAll, beforeAll } from 'vitest';
import { startDemo } from './demo.js';

const MOUNT = '/v1/session/otp';
/** The line of the page's scripts that says where the API is. */
const API_CONSTANT = `const API = '${MOUNT}';`;

/** What the browser has sent to the API; preflights are left out. */
interface ApiCall {
  readonly call: string;
  readonly cookie: string | undefined;
  readonly handle: string | undefined;
}

/** The demo by https, with its pages on one site and its API on another. */
export interface TwoSites {
  readonly demo: Demo;
  readonly pageUrl: string;
  readonly calls: ApiCall[];
}

/** Starts it for the tests of a `describe`: one TLS proxy in front of one demo, under two names. */
export function useTwoSites(settings: DemoSettings): TwoSites {
  const calls: ApiCall[] = [];
  let demo: Demo;
  let pageUrl: string;
  let apiUrl: string;

  const server = createServer({ cert: CERTIFICATE, key: PRIVATE_KEY }, async (req, res) => {
    const { url: path = '/', headers, method } = req;
    const isApi = `https://${headers.host}` === apiUrl;
    // Each name serves its part alone, so that no call stays on the site of the page.
    if (path.startsWith(MOUNT) !== isApi) {
      res.writeHead(404).end();
      return;
    }
    if (isApi && method !== 'OPTIONS') {
      const { cookie, 'x-verification-token': handle } = headers;
      calls.push({ call: `${method} ${path}`, cookie, handle: handle?.toString() });
    }
    const answer = await forward(req, demo.url);
    const { status, fields, body } = isApi ? answer : withApi(answer, apiUrl);
    res.writeHead(status, fields).end(body);
  });

  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    pageUrl = `https://app.shop.example:${port}`;
    apiUrl = `https://api.otp.example:${port}`;
    demo = await startDemo({
      OTP_ORIGINS: pageUrl,
      OTP_PUBLIC_URL: apiUrl + MOUNT,
      OTP_TRUST_PROXY: '1',
      OTP_RETRY_INTERVAL: '0',
      ...settings,
    });
  });
  afterAll(async () => {
    server.close();
    server.closeAllConnections();
    await demo?.stop();
  });
  return {
    calls,
    get demo() {
      return demo;
    },
    get pageUrl() {
      return pageUrl;
    },
  };
}

interface Forwarded {
  readonly status: number;
  readonly fields: IncomingMessage['headers'];
  readonly body: string;
}

async function forward(req: IncomingMessage, demoUrl: string): Promise<Forwarded> {
  const headers = {
    ...req.headers,
    // The demo serves `/dev/…` to local names alone.
    host: new URL(demoUrl).host,
    'x-forwarded-for': req.socket.remoteAddress,
    'x-forwarded-host': req.headers.host,
    'x-forwarded-proto': 'https',
  };
  const outgoing = request(demoUrl + req.url, { method: req.method, headers });
  req.pipe(outgoing);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const body = Buffer.concat(await response.toArray()).toString();
  return { status: response.statusCode ?? 502, fields: response.headers, body };
}

/** The page's scripts call the API on its own site, and the page's policy lets them. */
function withApi({ status, fields, body }: Forwarded, apiUrl: string): Forwarded {
  const policy = fields['content-security-policy'];
  const { 'content-length': _, ...others } = fields;
  return {
    status,
    fields: {
      ...others,
      ...(policy && { 'content-security-policy': `${policy}; connect-src 'self' ${apiUrl}` }),
    },
    body: body.replace(API_CONSTANT, `const API = '${apiUrl}${MOUNT}';`),
  };
}
