import { type OtpMessage, SendError, type Sender } from '@otp/core';

/** The behaviour of a provider for one message. */
export type Act = (message: OtpMessage) => Promise<undefined>;

/** A sender that records its calls and behaves as `act` says. */
export interface FakeProvider extends Sender {
  readonly asked: OtpMessage[];
  act: Act;
}

export const accepts: Act = async () => undefined;
export const hangs: Act = () => new Promise(() => {});

export function failing(error: unknown): Act {
  return async () => {
    throw error;
  };
}

export const isDown = failing(new SendError('unavailable', 'down'));
export const refuses = failing(new SendError('rejected', 'no such recipient'));
export const isCut = failing(new SendError('unknown', 'cut after the request went out'));

export function createFakeProvider(act: Act = accepts): FakeProvider {
  const asked: OtpMessage[] = [];
  return {
    asked,
    act,
    send(message) {
      asked.push(message);
      return this.act(message);
    },
  };
}
