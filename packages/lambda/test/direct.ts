import type { OtpService } from '@otp/core';
import type { Connection, Gateway } from '@otp/test/lambda';
import type { AdapterUnderTest } from '@otp/testing';
import { otpHandler } from '../src/lib/handler.js';

/** Calls the handler with the events of a gateway. */
export function directAdapter(gateway: Gateway, connection: Connection): AdapterUnderTest {
  return {
    async mount(service: OtpService, { session } = {}) {
      const handler = otpHandler(
        service,
        session === undefined ? {} : { session: () => session() },
      );
      return {
        url: gateway.url,
        exchange: async (request) =>
          gateway.toResponse(await handler(gateway.toEvent(request, connection))),
        async close() {},
      };
    },
  };
}
