import { type OtpMessage, SendError, type Sender } from '@otp/core';

/** What the inbox answers as JSON. */
export interface InboxMessage {
  readonly channel: string;
  readonly to: string;
  readonly code: string;
  readonly text: string;
  readonly sentAt: string;
}

/** What its page shows of an e-mail beside that. */
export interface WholeMessage extends InboxMessage {
  readonly subject?: string;
  readonly html?: string;
}

/** The newest messages that are kept, at least. */
const KEEP = 1_000;

/** Stands in for every provider: keeps messages instead of sending them, and fails where it is told to. */
export class Inbox implements Sender {
  readonly #failing: ReadonlySet<string>;
  #messages: WholeMessage[] = [];

  constructor(failing: ReadonlySet<string>) {
    this.#failing = failing;
  }

  async send({ channel, to, code, content, send }: OtpMessage): Promise<undefined> {
    if (this.#failing.has(to) || (send > 1 && this.#failing.has(`${to}:retry`))) {
      // Others are served all the same.
      throw new SendError('unavailable', 'OTP_FAIL names this recipient', {
        countsForBreaker: false,
      });
    }
    // Now and then rather than each time: taking one off the front moves all the others.
    if (this.#messages.length >= 2 * KEEP) this.#messages = this.#messages.slice(-KEEP);
    const sentAt = new Date().toISOString();
    this.#messages.push({ channel, to, code, ...content, sentAt });
  }

  /** Newest first; `to` as it stands in a query. */
  list(to?: string): InboxMessage[] {
    return this.listWhole(to).map(({ channel, to, code, text, sentAt }) => {
      return { channel, to, code, text, sentAt };
    });
  }

  listWhole(to?: string): WholeMessage[] {
    // A plus sign that nobody has escaped arrives as a space, which no recipient has.
    const wanted = to?.replaceAll(' ', '+').toLowerCase();
    const messages = this.#messages.filter((each) => wanted === undefined || each.to === wanted);
    return messages.reverse();
  }
}
