/** The stream of one message, which nodemailer makes once it has signed in, and reads after the server's 354. */
interface MessageStream {
  readonly readableDidRead: boolean;
}

/** What a plugin of nodemailer is given, as far as it is needed. */
export interface MailInTransport {
  readonly data: object;
  readonly message: { createReadStream: (options?: object) => MessageStream } | null;
}

/** The part of nodemailer's transporter that takes plugins. */
export interface PluginHost {
  use(step: string, plugin: (mail: MailInTransport, done: () => void) => void): unknown;
}

/**
 * Whether a byte of one message can have left. Nodemailer's errors do not say: a connection that is closed before
 * the greeting, after RCPT or after the final dot is `ECONNECTION at CONN` each time.
 */
export class MessageWatch {
  // Several, for a pool may begin again on another connection.
  readonly #streams: MessageStream[] = [];

  hasBeenRead(): boolean {
    return this.#streams.some(({ readableDidRead }) => readableDidRead);
  }

  follow({ message }: MailInTransport): void {
    if (message === null) return;
    const createReadStream = message.createReadStream.bind(message);
    message.createReadStream = (options) => {
      const stream = createReadStream(options);
      this.#streams.push(stream);
      return stream;
    };
  }
}

/** Mails that have a `messageWatch` are followed by it; others of the same transport are left alone. */
export function followMessages(transport: PluginHost): void {
  transport.use('stream', (mail, done) => {
    const { messageWatch }: { messageWatch?: unknown } = mail.data;
    if (messageWatch instanceof MessageWatch) messageWatch.follow(mail);
    done();
  });
}
