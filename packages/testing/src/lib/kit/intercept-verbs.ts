import type { OtpStore } from '@otp/core/store';

export interface VerbHooks {
  /** Runs before the call; if it rejects, the call rejects. */
  readonly before?: (verb: string) => unknown;
  /** Runs after the call, before its result is returned; if it rejects, the call rejects. */
  readonly after?: (verb: string) => unknown;
}

/** A store whose calls a test can delay, fail or watch. */
export function interceptVerbs(store: OtpStore, { before, after }: VerbHooks): OtpStore {
  return new Proxy(store, {
    get(target, verb) {
      const method: unknown = Reflect.get(target, verb);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]) => {
        await before?.(String(verb));
        const answer: unknown = await Reflect.apply(method, target, args);
        await after?.(String(verb));
        return answer;
      };
    },
  });
}
