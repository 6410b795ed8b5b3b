import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GuideApp, startGuideApp } from './guide-app.js';

let app: GuideApp;
beforeAll(async () => {
  app = await startGuideApp('docs/guides/server-actions.md');
});
afterAll(() => app?.stop());

/** A browser without JavaScript: submits the form of a page, and keeps the cookie. */
class Browser {
  #page = '/';
  #cookie = '';

  async submit(name: string, value: string, origin = app.url): Promise<string> {
    const html = await (await fetch(app.url + this.#page)).text();
    const form = new FormData();
    for (const [, hidden = ''] of html.matchAll(/<input type="hidden" name="([^"]+)"/g)) {
      form.set(hidden, '');
    }
    form.set(name, value);
    const response = await fetch(app.url + this.#page, {
      method: 'POST',
      headers: { cookie: this.#cookie, origin },
      body: form,
      redirect: 'manual',
    });
    const [cookie] = response.headers.getSetCookie();
    if (cookie !== undefined) this.#cookie = cookie.split(';')[0] ?? '';
    this.#page = response.headers.get('location') ?? this.#page;
    return this.#page;
  }

  get cookie(): string {
    return this.#cookie;
  }
}

describe('the app of docs/guides/server-actions.md', () => {
  it('verifies an address and clears the cookie', async () => {
    const browser = new Browser();
    expect(await browser.submit('email', 'nobody')).toBe('/?refused=bad_request');
    const other = new Browser();
    expect(await other.submit('email', 'ada@example.com')).toBe('/?sent');
    expect(other.cookie).toMatch(/^__verification-login_shop=[\w-]{43}$/);
    const [code = ''] = /\b\d{6}\b/.exec(app.output()) ?? [];
    const wrong = code === '000000' ? '111111' : '000000';
    expect(await other.submit('code', wrong)).toBe('/?sent&refused=bad_check_code');
    expect(await other.submit('code', code)).toBe('/?verified=ada%40example.com');
    expect(other.cookie).toBe('__verification-login_shop=');
  });

  it('is refused from a page of another origin, by Next', async () => {
    const before = app.output();
    const browser = new Browser();
    expect(await browser.submit('email', 'grace@example.com', 'https://evil.example')).toBe('/');
    expect(app.output().slice(before.length)).not.toContain('grace@example.com');
  });
});
