/** Each new item lets the hand look at two, so that what has ended never outgrows what lives by much. */
const STEPS = 2;

/**
 * A map that forgets what has ended, a few items at a time: a hand goes round all of them, so that no
 * request pays for many and no timer keeps the process alive.
 */
export class ExpiringMap<Item extends { readonly endsAt: number }> {
  readonly #items = new Map<string, Item>();
  #hand = this.#items.entries();

  get size(): number {
    return this.#items.size;
  }

  /** Also what has ended and was not swept yet. */
  get(key: string): Item | undefined {
    return this.#items.get(key);
  }

  set(key: string, item: Item, now: number): void {
    this.sweep(now);
    this.#items.set(key, item);
  }

  delete(key: string): void {
    this.#items.delete(key);
  }

  clear(): void {
    this.#items.clear();
  }

  /** Looks at that many items; one that is about to refuse for want of room asks for more. */
  sweep(now: number, steps = STEPS): void {
    for (let step = 0; step < steps; step += 1) {
      const { done, value } = this.#hand.next();
      if (done) this.#hand = this.#items.entries();
      else if (value[1].endsAt <= now) this.#items.delete(value[0]);
    }
  }
}
