import type { OtpStore } from '@otp/core/store';

export interface VerbHooks {
  /** Before a verb does its work; what it rejects with, the verb rejects with. */
  readonly before?: (verb: string) => unknown;
  /** After it has, and before anybody hears of it. */
  readonly after?: (verb: string) => unknown;
}

/** A store whose calls a test may hold up, cut off or watch. */
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
