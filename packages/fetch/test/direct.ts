import type { AdapterUnderTest, ExchangeRequest, ExchangeResponse, Header } from '@otp/testing';
import { otpFetch } from '../src/index.js';

const ORIGIN = 'https://api.test';
const MOUNT = '/v1/session/otp';

/** The handler without a server: called with a `Request`. */
export const directAdapter: AdapterUnderTest = {
  async mount(service, { session } = {}) {
    const handler = otpFetch(service, {
      basePath: MOUNT,
      clientAddress: () => '203.0.113.7',
      ...(session && { session: () => session() }),
    });
    return {
      url: ORIGIN + MOUNT,
      exchange: async (request) => toExchangeResponse(await handler(toRequest(request))),
      async close() {},
    };
  },
};

function toRequest({ method, path, headers, body }: ExchangeRequest): Request {
  return new Request(ORIGIN + MOUNT + path, {
    method,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    ...(body === undefined ? {} : { body }),
  });
}

async function toExchangeResponse(response: Response): Promise<ExchangeResponse> {
  const headers: Header[] = [...response.headers];
  return { status: response.status, headers, body: await response.text() };
}
