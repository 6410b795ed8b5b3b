/** Items that each new item has swept. Two, so that expired items never outnumber the live ones by much. */
const STEPS = 2;

/**
 * A map that drops expired items, a few with each new one. A cursor goes round all items, so that no request waits for
 * a sweep of all, and no timer keeps the process alive.
 */
export class ExpiringMap<Item extends { readonly endsAt: number }> {
  readonly #items = new Map<string, Item>();
  #cursor = this.#items.entries();

  get size(): number {
    return this.#items.size;
  }

  /** The item, even if it has expired and was not dropped yet. */
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

  /** Looks at the next `steps` items and drops those that have expired. */
  sweep(now: number, steps = STEPS): void {
    for (let step = 0; step < steps; step += 1) {
      const { done, value } = this.#cursor.next();
      if (done) this.#cursor = this.#items.entries();
      else if (value[1].endsAt <= now) this.#items.delete(value[0]);
    }
  }
}
