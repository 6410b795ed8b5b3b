/** The stream of one message. Nodemailer creates it after signing in and reads it after the server's 354. */
interface MessageStream {
  readonly readableDidRead: boolean;
  on(event: 'error', listener: () => void): unknown;
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
 * closed before the greeting, after RCPT or after the final dot is `ECONNECTION at CONN` each time. Also sees to it that
 * nothing is sent after the signal is aborted, and that a pool does not send the message again by itself.
 */
export class MessageWatch {
  // More than one, because a pool may start again on another connection.
  readonly #streams: MessageStream[] = [];
  readonly #signal: AbortSignal;

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
      const stop = () => stream.destroy(new Error('The message is not sent.'));
      // Nodemailer listens only while it sends.
      stream.on('error', () => {});
      if (this.#signal.aborted || this.hasBeenRead()) stop();
      else this.#signal.addEventListener('abort', stop, { once: true });
      this.#streams.push(stream);
      return stream;
    };
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
