import { Readable } from 'node:stream';
import type { OtpService } from '@otp/core';
import {
  type ClientAddressOptions,
  clientAddressOption,
  instance,
  type OtpRequest,
  optionsOf,
  parseOptions,
  rawHeaderValues,
  readForwarded,
  readNodeBody,
  type SessionOptions,
  sessionOption,
} from '@otp/core/adapter';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest, RegisterOptions } from 'fastify';
import { sendResponse } from './send-response.js';

/** Options of `otpPlugin`, beside `prefix` and the others of `register`. */
export interface OtpPluginOptions extends SessionOptions<FastifyRequest> {
  /** The service from `createOtpService`. */
  readonly service: OtpService;
  /**
   * Where to read the client address, if your proxies write it to another field than `x-forwarded-for`, which Fastify
   * reads by its `trustProxy`.
   * @default the address that Fastify finds
   */
  readonly clientAddress?: ClientAddressOptions;
}

const schema = optionsOf<OtpPluginOptions>()({
  clientAddress: clientAddressOption,
  service: instance<OtpService>(['handle'], 'must be created by createOtpService()'),
  session: sessionOption<FastifyRequest>(),
});

/** Fastify refuses these by header fields that core reads too, so that the answer is core's. */
const REFUSED_BY_HEADERS = ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE'];

/**
 * Serves the routes of a service under a prefix, for Fastify 5. Its parser and error handler apply to these routes alone.
 *
 * Set Fastify's `trustProxy` to the proxies in front of the app, or the option `clientAddress`.
 *
 * @param app the app, or the part of it in which `register` mounts the plugin
 * @param options the service, and what `register` takes, such as `prefix`
 * @throws TypeError that names the option and says what to write; `register` rejects with it
 * @example app.register(otpPlugin, { prefix: '/v1/session/otp', service });
 */
export const otpPlugin: FastifyPluginAsync<OtpPluginOptions> = async (app, options) => {
  const { service, session, clientAddress } = parseOptions(
    schema,
    withoutRegister(options),
    'otpPlugin()',
  );
  // Removed by the number of its segments, because a prefix may have parameters.
  const segments = app.prefix.split('/').filter((segment) => segment !== '').length;
  const prefix = new RegExp(`^(?:/+[^/]+){${segments}}`);

  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const header = (name: string) => rawHeaderValues(request.raw, name);
    const otpRequest: OtpRequest = {
      method: request.method,
      path: pathOf(request.url).replace(prefix, '') || '/',
      header,
      body: (maxBytes) => readNodeBody(bodyOf(request), maxBytes),
      clientAddress: (clientAddress && readForwarded(header, clientAddress)) ?? request.ip,
      session: session && (() => session(request)),
      url: () => `${request.protocol}://${request.host}${pathOf(request.originalUrl)}`,
    };
    return sendResponse(request, reply, await service.handle(otpRequest));
  };

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, parsed) => {
    // The stream may be one of a hook of the host's, whose error would else end the process if core leaves it unread.
    payload.on('error', () => {});
    parsed(null, payload);
  });
  app.setErrorHandler(async (error, request, reply) => {
    if (!REFUSED_BY_HEADERS.includes(String(Object(error).code))) throw error;
    return answer(request, reply);
  });
  for (const url of ['/', '/*']) {
    // `hide`: @fastify/swagger would describe a route for each method.
    app.route({
      method: app.supportedMethods,
      url,
      schema: { hide: true } as object,
      handler: answer,
    });
  }
  // For methods that have no route in Fastify. Without a prefix, this handler is the host's.
  if (segments > 0) app.setNotFoundHandler(answer);
};

/** `register` passes its own options on. */
function withoutRegister(options: OtpPluginOptions): OtpPluginOptions {
  const { prefix, logLevel, logSerializers, ...own } = options as OtpPluginOptions &
    RegisterOptions;
  return own;
}

/** The path as received, also of a whole URL (RFC 9112, 3.2.2). The router's own parameter is decoded. */
function pathOf(url: string): string {
  return url.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1)[0] ?? '';
}

/** The stream from the parser; without one, Fastify has seen no body, or refused the request before. */
function bodyOf({ body, raw }: FastifyRequest): Readable {
  return body instanceof Readable ? body : raw;
}
