import { request } from 'node:http';
import { expect } from 'vitest';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON, else undefined. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it and compare.
  readonly body: any;
}

export interface InboxMessage {
  readonly channel: string;
  readonly to: string;
  readonly code: string;
  readonly text: string;
  readonly sentAt: string;
}

type Fields = Readonly<Record<string, string>>;

const API = '/v1/session/otp';

export const phone = (value: string) => ({ identifier: { type: 'phone_number', value } });
export const email = (value: string) => ({ identifier: { type: 'email_address', value } });

/** An HTTP client with a cookie jar of one: what a mobile app or another back end is to the demo. */
export class Client {
  readonly #origin: () => string;
  readonly #headers: Fields;
  /** `name=value`, as the last answer set it; undefined when there is none or it was cleared. */
  cookie: string | undefined;

  /** `headers` go out with every request. */
  constructor(demo: { readonly url: string }, headers: Fields = {}) {
    this.#origin = () => demo.url;
    this.#headers = headers;
  }

  async send(method: string, path: string, body?: unknown, headers: Fields = {}): Promise<Answer> {
    const response = await fetch(this.#origin() + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(this.cookie === undefined ? {} : { cookie: this.cookie }),
        ...this.#headers,
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const line of response.headers.getSetCookie()) {
      this.cookie = /Max-Age=0$/.test(line) ? undefined : line.split(';')[0];
    }
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const { status, headers: fields } = response;
    return { status, headers: fields, body: isJson ? JSON.parse(text) : undefined };
  }

  create(body: unknown, headers?: Fields): Promise<Answer> {
    return this.send('POST', API, body, headers);
  }

  retry(): Promise<Answer> {
    return this.send('POST', `${API}/retry`, {});
  }

  check(code: string, challengeToken?: string, headers?: Fields): Promise<Answer> {
    const body = { code, ...(challengeToken && { challenge_token: challengeToken }) };
    return this.send('POST', `${API}/check`, body, headers);
  }

  async challenge(step = 'verify_sms', headers?: Fields): Promise<string> {
    const { status, body } = await this.send('POST', '/dev/challenge', { step }, headers);
    expect(status).toBe(200);
    return body.challenge_token;
  }

  /** Newest first. */
  async inbox(to?: string): Promise<InboxMessage[]> {
    const query = to === undefined ? '' : `?to=${encodeURIComponent(to)}`;
    const { status, body } = await this.send('GET', `/dev/inbox${query}`);
    expect(status).toBe(200);
    return body;
  }

  /** The code of the newest message to a recipient. */
  async code(to: string): Promise<string> {
    const [newest] = await this.inbox(to);
    if (newest === undefined) throw new Error(`There is no message to ${to}.`);
    return newest.code;
  }
}

/** `status` alone, or with the code of the error: `403 auth_blocked`. */
export function outcome({ status, body }: Answer): string {
  return body?.code === undefined ? `${status}` : `${status} ${body.code}`;
}

/** Some code of the same length that is not the right one. */
export function wrongCode(code: string, step = 1): string {
  return String((Number(code) + step) % 10 ** code.length).padStart(code.length, '0');
}

/** For headers that `fetch` writes itself. */
export function getRaw(
  url: string,
  headers: Fields,
  method = 'GET',
): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.once('end', () => resolve({ status: response.statusCode, text }));
    });
    outgoing.once('error', reject).end();
  });
}
