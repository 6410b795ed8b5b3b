import { type OtpMessage, SendError, type Sender } from '@otp/core';

/** What the inbox answers as JSON. */
export interface InboxMessage {
  readonly channel: string;
  readonly to: string;
  readonly code: string;
  readonly text: string;
  readonly sentAt: string;
}

/** What its page shows beside that. */
export interface WholeMessage extends InboxMessage {
  /** Which of the two providers has sent it. */
  readonly provider: 'first' | 'second';
  readonly subject?: string;
  readonly html?: string;
}

/** The newest messages that are kept, at least. */
const KEEP = 1_000;

/** The `dispatch_id` of a create for which the first provider is down. */
const FAIL_OVER = 'demo-fail-over';

/** Stands in for two providers: keeps messages instead of sending them, and fails where it is told to. */
export class Inbox implements Sender {
  /** In the order in which they are asked. */
  readonly providers: readonly Sender[] = [
    this,
    { send: async (message) => this.#keep(message, 'second') },
  ];
  readonly #failing: ReadonlySet<string>;
  #messages: WholeMessage[] = [];

  constructor(failing: ReadonlySet<string>) {
    this.#failing = failing;
  }

  async send(message: OtpMessage): Promise<undefined> {
    if (message.dispatchId === FAIL_OVER) throw down('The page has asked for it');
    this.#keep(message, 'first');
  }

  #keep({ channel, to, code, content, send }: OtpMessage, provider: WholeMessage['provider']) {
    if (this.#failing.has(to) || (send > 1 && this.#failing.has(`${to}:retry`))) {
      throw down('OTP_FAIL names this recipient');
    }
    // Now and then rather than each time: taking one off the front moves all the others.
    if (this.#messages.length >= 2 * KEEP) this.#messages = this.#messages.slice(-KEEP);
    const sentAt = new Date().toISOString();
    this.#messages.push({ channel, to, code, ...content, sentAt, provider });
    return undefined;
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

/** Others are served all the same. */
function down(why: string): SendError {
  return new SendError('unavailable', why, { countsForBreaker: false });
}
