import { compareWithHandle } from '@otp/test/compare-adapter';
import type { ExchangeRequest } from '@otp/testing';
import { test } from 'vitest';
import { EXPRESS, type ExpressName, expressAdapter } from './express-app.js';

/** A busy machine takes several times as long as an idle one. */
const TIMEOUT_MS = 120_000;
const names = Object.keys(EXPRESS) as ExpressName[];

type Received = (request: ExchangeRequest) => ExchangeRequest;

const RECEIVED: Readonly<Record<ExpressName, Received>> = {
  'Express 5': (request) => request,
  // Express 4 removes one slash more than the mount point has.
  'Express 4': (request) => ({ ...request, path: request.path.replace(/^\/\//, '/') }),
};

test.each(names)(
  '2,000 generated requests to %s get the answers of plain data, and have its effects [L01]',
  async (name) => {
    const adapter = expressAdapter(EXPRESS[name], { keepAlive: true });
    await compareWithHandle(adapter, { clientAddress: '127.0.0.1', received: RECEIVED[name] });
  },
  TIMEOUT_MS,
);
