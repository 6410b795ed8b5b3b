import { createTestMessage } from '@otp/testing';
import { describe, expect, it } from 'vitest';
import type { AwsService } from './aws-errors.js';
import { sendCommand } from './send-command.js';

const service: AwsService = { service: 'SNS', rejections: ['OptedOut'], notServed: [] };

const answered = (name: string, httpStatusCode: number) =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });
const lost = (code: string) => Object.assign(new Error(code), { code, $metadata: { attempts: 1 } });
const HANGS = new Promise<never>(() => {});

/** Sends with a client whose attempts end like that; returns how many it made, and the error. */
async function send(...outcomes: (Error | Promise<never> | 'sent')[]) {
  let count = 0;
  const client = {
    async send() {
      const outcome = outcomes[count++];
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
  };
  const message = createTestMessage({ timeoutMs: 60 });
  const error = await sendCommand(client, {}, { service, message }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { count, error };
}

describe('sendCommand', () => {
  it.each([
    ['gets no answer', HANGS],
    ['loses its connection', lost('ECONNRESET')],
    ['cannot write', lost('EPIPE')],
  ])('sends again when the first attempt %s [S18]', async (_, first) => {
    expect(await send(first, 'sent')).toEqual({ count: 2, error: undefined });
  });

  it.each([
    [answered('Throttling', 400), 'unknown'],
    [answered('InternalError', 500), 'unknown'],
    [lost('ECONNREFUSED'), 'unknown'],
    [answered('OptedOut', 400), 'rejected'],
  ])('after a lost attempt takes %s for %s', async (second, kind) => {
    expect(await send(HANGS, second)).toMatchObject({ count: 2, error: { kind } });
  });

  it.each([
    [answered('InternalError', 500), 'unavailable'],
    [answered('GatewayTimeout', 504), 'unknown'],
    [answered('OptedOut', 400), 'rejected'],
    [lost('ECONNREFUSED'), 'unavailable'],
  ])('does not send again after %s', async (first, kind) => {
    expect(await send(first, 'sent')).toMatchObject({ count: 1, error: { kind } });
  });
});
