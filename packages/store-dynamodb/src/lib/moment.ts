/** A call of the store: its `op`, and the time at which it began. */
export interface Moment {
  /** Milliseconds since the epoch, by the clock of this process. */
  readonly now: number;
  readonly op: string;
}
