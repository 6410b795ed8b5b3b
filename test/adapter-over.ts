import { Agent } from 'node:http';
import type { OtpService } from '@otp/core';
import { type AdapterUnderTest, exchangeOver, type MountOptions } from '@otp/testing';
import { MOUNT } from './connection-suite.js';

/** Serves a service under `MOUNT`. */
export type Start = (
  service: OtpService,
  options: MountOptions,
) => Promise<{ readonly port: number; close(): Promise<unknown> }>;

/**
 * An adapter in a real app, over real sockets.
 *
 * @param start starts the app
 * @param options `keepAlive`: one connection serves all requests
 */
export function adapterOver(start: Start, { keepAlive = false } = {}): AdapterUnderTest {
  return {
    async mount(service, options = {}) {
      const { port, close } = await start(service, options);
      const agent = keepAlive && new Agent({ keepAlive, maxSockets: 1 });
      return {
        url: `http://127.0.0.1:${port}${MOUNT}`,
        exchange: (request) => {
          const path = request.path.replace(/^\/(?=$|\?)/, '');
          return exchangeOver(port, { ...request, path: `${MOUNT}${path}` }, agent);
        },
        async close() {
          await close();
        },
      };
    },
  };
}
