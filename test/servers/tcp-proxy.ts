import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

/** What a proxy does to the bytes that pass. */
export type ProxyMode =
  /** Passes them on. */
  | 'pass'
  /** Keeps them, in both directions, also those of new connections; passes them on later. */
  | 'hang'
  /** Ends every connection, new ones too. */
  | 'refuse'
  /** Passes on what clients send, and ends their connections in place of any reply. */
  | 'lose replies';

/** Stands between a client and its server, and makes the network fail. */
export interface TcpProxy {
  readonly port: number;
  /** For all connections from now on. */
  set(mode: ProxyMode): void;
  /** Milliseconds that each piece of data takes longer, both ways; 0 ends that. */
  delay(ms: number): void;
  /** Ends all connections at once; new ones are taken. */
  cut(): void;
  /** Neither side of a connection hears from the other again, or of its end; new connections are passed on. */
  silence(): void;
  /**
   * The server gets the next piece of data that holds these bytes, the client never gets a reply to it: its connection
   * is cut instead. Resolves when that has happened.
   */
  loseReplyTo(bytes: string): Promise<void>;
  close(): Promise<void>;
}

export async function startProxy(target: {
  readonly host?: string;
  readonly port: number;
}): Promise<TcpProxy> {
  const links = new Set<Link>();
  const rules: Rules = { mode: 'pass', delayMs: 0, trap: undefined };
  const server = createServer((client) => {
    if (rules.mode === 'refuse') return void client.destroy();
    const upstream = createConnection({ host: '127.0.0.1', ...target });
    const link = new Link(client, upstream, rules);
    links.add(link);
    client.once('close', () => links.delete(link));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const link of links) link.cut();
  };
  return {
    // It listens on a port.
    port: (server.address() as AddressInfo).port,
    set(mode) {
      rules.mode = mode;
      if (mode === 'refuse') cut();
      for (const link of links) link.flow();
    },
    delay(ms) {
      rules.delayMs = ms;
    },
    cut,
    silence() {
      for (const link of links) link.silence();
    },
    loseReplyTo: (bytes) =>
      new Promise((onLost) => {
        rules.trap = { bytes: Buffer.from(bytes), onLost };
      }),
    async close() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}

interface Rules {
  mode: ProxyMode;
  delayMs: number;
  trap: { readonly bytes: Buffer; readonly onLost: () => void } | undefined;
}

/** One connection through the proxy. */
class Link {
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #rules: Rules;
  #onLost: (() => void) | undefined;

  constructor(client: Socket, upstream: Socket, rules: Rules) {
    this.#client = client;
    this.#upstream = upstream;
    this.#rules = rules;
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.setNoDelay();
      from.on('error', () => this.cut());
      from.on('close', () => this.#later(() => to.end()));
    }
    client.on('data', (data) => this.#onRequest(data));
    upstream.on('data', (data) => this.#onReply(data));
    this.flow();
  }

  cut(): void {
    this.#client.resetAndDestroy();
    this.#upstream.destroy();
  }

  silence(): void {
    for (const socket of [this.#client, this.#upstream]) {
      socket.removeAllListeners('data').removeAllListeners('close').resume();
    }
  }

  /** Reads, unless the network hangs. */
  flow(): void {
    for (const socket of [this.#client, this.#upstream]) {
      if (this.#rules.mode === 'hang') socket.pause();
      else socket.resume();
    }
  }

  #onRequest(data: Buffer): void {
    const { trap } = this.#rules;
    if (trap !== undefined && data.includes(trap.bytes)) {
      this.#rules.trap = undefined;
      this.#onLost = trap.onLost;
    }
    this.#later(() => this.#upstream.write(data));
  }

  #onReply(data: Buffer): void {
    if (this.#onLost !== undefined || this.#rules.mode === 'lose replies') {
      this.cut();
      this.#onLost?.();
      return;
    }
    this.#later(() => this.#client.write(data));
  }

  #later(work: () => void): void {
    const { delayMs } = this.#rules;
    if (delayMs === 0) work();
    else setTimeout(work, delayMs);
  }
}
