import { compareWithHandle } from '@otp/core/testing';
import { test } from 'vitest';
import { EXPRESS, type ExpressName, expressAdapter } from './lib/testing/express-app.js';

/** A machine that is busy with other things takes several times as long as an idle one. */
const TIMEOUT_MS = 120_000;
const names = Object.keys(EXPRESS) as ExpressName[];

test.each(names)(
  'L01 2,000 generated requests to %s get the answers of plain data, and have its effects',
  async (name) => {
    const adapter = expressAdapter(EXPRESS[name], { keepAlive: true });
    await compareWithHandle(adapter, { clientAddress: '127.0.0.1' });
  },
  TIMEOUT_MS,
);
