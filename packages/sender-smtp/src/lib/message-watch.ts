/** The stream of one message. Nodemailer creates it after signing in and reads it after the server's 354. */
interface MessageStream {
  readonly readableDidRead: boolean;
  destroy(error: Error): unknown;
}

/** The part of a plugin's argument that is used here. */
export interface MailInTransport {
  readonly data: object;
  readonly message: { createReadStream: (options?: object) => MessageStream } | null;
}

/** The part of nodemailer's transporter that takes plugins. */
export interface PluginHost {
  use(step: string, plugin: (mail: MailInTransport, done: () => void) => void): unknown;
}

/**
 * Notices whether any byte of one message can have been sent. Nodemailer's errors do not tell: a connection that is
 * closed before the greeting, after RCPT or after the final dot is `ECONNECTION at CONN` each time. Also stops a message
 * that has not begun when the signal is aborted, and one that a pool would send again.
 */
export class MessageWatch {
  // More than one, because a pool may start again on another connection.
  readonly #streams: MessageStream[] = [];
  readonly #signal: AbortSignal;
  readonly #over = new AbortController();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  hasBeenRead(): boolean {
    return this.#streams.some(({ readableDidRead }) => readableDidRead);
  }

  follow({ message }: MailInTransport): void {
    if (message === null) return;
    const createReadStream = message.createReadStream.bind(message);
    message.createReadStream = (options) => {
      const stream = createReadStream(options);
      const isRepeat = this.hasBeenRead();
      const stop = () => {
        if (!stream.readableDidRead) stream.destroy(new Error('The message is not sent.'));
      };
      if (this.#signal.aborted || isRepeat) stop();
      else this.#signal.addEventListener('abort', stop, { signal: this.#over.signal });
      this.#streams.push(stream);
      return stream;
    };
  }

  /** For when nodemailer has settled: a later error of the stream would be an uncaught exception in its pool. */
  end(): void {
    this.#over.abort();
  }
}

/** Adds a plugin that follows every mail with a `messageWatch`; other mails of the transport are left alone. */
export function followMessages(transport: PluginHost): void {
  transport.use('stream', (mail, done) => {
    const { messageWatch }: { messageWatch?: unknown } = mail.data;
    if (messageWatch instanceof MessageWatch) messageWatch.follow(mail);
    done();
  });
}
