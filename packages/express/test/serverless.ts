import { configure } from '@codegenie/serverless-express';
import { MOUNT } from '@otp/test/connection-suite';
import { type Connection, GATEWAYS, type Gateway, type GatewayName } from '@otp/test/lambda';
import type { AdapterUnderTest } from '@otp/testing';
import type { Express } from 'express';
import serverlessHttp from 'serverless-http';
import { type ExpressFactory, routerOf } from './express-app.js';

type Invoke = (event: object) => Promise<unknown>;

/** A package that runs an Express app on Lambda: it makes the request from the event. */
export interface Wrapper {
  readonly wrap: (app: Express) => Invoke;
  /** Gateways behind which only the last value of a repeated header field reaches Express. */
  readonly dropsRepeatedFields: readonly GatewayName[];
}

export const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  'serverless-http': {
    wrap: (app) => {
      const handler = serverlessHttp(app);
      return (event) => handler(event, {});
    },
    dropsRepeatedFields: ['REST API', 'ALB'],
  },
  '@codegenie/serverless-express': {
    wrap: (app) => {
      const handler: unknown = configure({ app });
      return async (event) => (handler as Invoke)(event);
    },
    dropsRepeatedFields: ['ALB'],
  },
};

export function serverlessAdapter(
  express: ExpressFactory,
  { wrap }: Wrapper,
  gateway: Gateway,
  connection: Connection,
): AdapterUnderTest {
  return {
    async mount(service, options) {
      // An HTTP API leaves the stage in the path.
      const app = express().use([MOUNT, `/prod${MOUNT}`], routerOf(service, options));
      const invoke = wrap(app);
      return {
        // A REST API takes the stage out of it: here it has a domain of its own, which has no stage.
        url: gateway === GATEWAYS['REST API'] ? gateway.url.replace('/prod', '') : gateway.url,
        exchange: async (request) =>
          gateway.toResponse(await invoke(gateway.toEvent(request, connection))),
        async close() {},
      };
    },
  };
}
