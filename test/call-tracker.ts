/** Counts calls of a store that end while a test does something to its server. */
export class CallTracker {
  answered = 0;
  rejected = 0;
  readonly #inFlight = new Set<Promise<unknown>>();

  /** Returns what the call returns; undefined when it rejects. */
  async track<T>(call: Promise<T>): Promise<T | undefined> {
    this.#inFlight.add(call);
    try {
      const answer = await call;
      this.answered += 1;
      return answer;
    } catch {
      this.rejected += 1;
      return undefined;
    } finally {
      this.#inFlight.delete(call);
    }
  }

  /**
   * Resolves when every call that is in flight has ended. Awaited while a server does not answer, it proves that calls
   * end without it.
   */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#inFlight);
  }
}
