import { SettingError } from '@otp/example-shared';
import { GATEWAYS, type Gateway, type LambdaRuntime } from '@otp/test/lambda';
import express, { type Request, type RequestHandler, type Response } from 'express';

const CHOICES = new Map<string, Gateway>(
  Object.entries(GATEWAYS).map(([name, gateway]) => [
    name.toLowerCase().replaceAll(' ', '-'),
    gateway,
  ]),
);

/** `http-api`, `rest-api`, … */
export function readGateway({ OTP_GATEWAY: name = '' }: NodeJS.ProcessEnv): Gateway {
  const gateway = CHOICES.get(name || 'http-api');
  if (gateway === undefined) {
    throw new SettingError(`OTP_GATEWAY must be one of ${[...CHOICES.keys()].join(', ')}.`);
  }
  return gateway;
}

/** Sends requests to the mount point to the function, as events of that gateway. */
export function forward(gateway: Gateway, runtime: LambdaRuntime): RequestHandler {
  const router = express.Router();
  router.use(express.raw({ type: () => true, limit: '6mb' }));
  router.use(async (req: Request, res: Response) => {
    const body = req.body instanceof Uint8Array ? req.body : undefined;
    const request = { method: req.method, path: req.url, headers: fieldsOf(req), body };
    const { remoteAddress: clientAddress = '' } = req.socket;
    const event = gateway.toEvent(request, { clientAddress });
    const { status, headers, body: text } = gateway.toResponse(await runtime.invoke(event));
    res.status(status);
    for (const [name, value] of headers) res.append(name, value);
    res.end(text);
  });
  return router;
}

function fieldsOf({ rawHeaders }: Request): [string, string][] {
  return rawHeaders.flatMap((name, index): [string, string][] =>
    index % 2 === 0 ? [[name.toLowerCase(), rawHeaders[index + 1] ?? '']] : [],
  );
}
