import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  type ConsoleMessage,
  chromium,
  type Locator,
  type Page,
  type Request,
  type WebError,
} from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { Client } from './client.js';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** For an answer of the API that is no success, which Chromium reports on the console by itself. */
const REFUSED_CALL =
  /^Failed to load resource: the server responded with a status of .* \S+\/v1\/session\/otp(?:\/\w+)?$/;

/** Set up by scripts/browser-setup.mjs. */
function chromiumPath(): string {
  const { CHROMIUM_PATH: path } = process.env;
  if (path === undefined) throw new Error('CHROMIUM_PATH is not set.');
  return path;
}

export type ThirdPartyCookies = 'allowed' | 'blocked';

/** Of `profile.cookie_controls_mode` in Chromium's preferences. */
const COOKIE_CONTROLS: Readonly<Record<ThirdPartyCookies, number>> = { allowed: 0, blocked: 1 };

/** Returns the folder of a new profile. */
async function createProfile(thirdPartyCookies: ThirdPartyCookies): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'otp-profile-'));
  const preferences = { profile: { cookie_controls_mode: COOKIE_CONTROLS[thirdPartyCookies] } };
  await mkdir(join(folder, 'Default'));
  await writeFile(join(folder, 'Default', 'Preferences'), JSON.stringify(preferences));
  return folder;
}

export interface VisitOptions {
  /** Or a URL, where the pages have an origin of their own. */
  readonly path?: string;
  /** CSS pixels. */
  readonly width?: number;
}

/** One browser for the tests of a file; whatever it opened is looked over and left after each test. */
export function useBrowser() {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath(), args: FLAGS });
  });
  afterAll(() => browser?.close());
  return useVisits(() => browser.newContext());
}

/**
 * The same with a profile, since the contexts of `useBrowser` are incognito, which always blocks third-party cookies.
 * One person at a time has it. Each name below `.example` is this machine; certificates are not verified.
 */
export function useProfile(thirdPartyCookies: ThirdPartyCookies) {
  let folder: string;
  beforeAll(async () => {
    folder = await createProfile(thirdPartyCookies);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return useVisits(() =>
    chromium.launchPersistentContext(folder, {
      executablePath: chromiumPath(),
      args: [...FLAGS, '--host-resolver-rules=MAP *.example 127.0.0.1'],
      ignoreHTTPSErrors: true,
    }),
  );
}

function useVisits(openContext: () => Promise<BrowserContext>) {
  let visits: Visit[] = [];
  /** Empty again: a new page costs Chromium more than most tests do with it. */
  const idle: Page[] = [];
  afterEach(async () => {
    const ended = visits;
    visits = [];
    try {
      for (const visit of ended) {
        await visit.assertClean();
        await visit.leave();
        idle.push(visit.page);
      }
    } catch (error) {
      for (const { context } of ended) await context.close();
      idle.length = 0;
      throw error;
    }
  });
  afterAll(async () => {
    for (const page of idle) await page.context().close();
  });

  async function emptyPage(): Promise<Page> {
    const page = idle.pop();
    if (page !== undefined) return page;
    const context = await openContext();
    return context.pages()[0] ?? context.newPage();
  }
  return {
    /** A new person at the demo: nothing is shared with another visit. */
    async open(demo: { readonly url: string }, options: VisitOptions = {}): Promise<Visit> {
      const { path = '/', width = 1280 } = options;
      const page = await emptyPage();
      const visit = new Visit(page, demo);
      visits.push(visit);
      await page.setViewportSize({ width, height: 900 });
      await page.goto(new URL(path, demo.url).href);
      return visit;
    },
  };
}

/** What one person sees and does, in the words of the pages. */
export class Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Another client of the same demo. */
  readonly client: Client;
  readonly #secrets = new Set<string>();
  readonly #urls = new Set<string>();
  readonly #faults: string[] = [];
  #expected = REFUSED_CALL;

  constructor(page: Page, demo: { readonly url: string }) {
    this.context = page.context();
    this.page = page;
    this.client = new Client(demo);
    this.context.setDefaultTimeout(30_000);
    this.context.on('request', this.#onRequest);
    this.context.on('weberror', this.#onError);
    this.context.on('console', this.#onConsole);
  }

  readonly #onRequest = (request: Request) => {
    this.#urls.add(request.url());
  };

  readonly #onError = (error: WebError) => {
    this.#faults.push(String(error.error()));
  };

  readonly #onConsole = (message: ConsoleMessage) => {
    const text = `${message.text()} ${message.location().url}`.trim();
    const isFault = message.type() === 'error' || message.type() === 'warning';
    if (isFault && !this.#expected.test(text)) this.#faults.push(text);
  };

  /** Lets the console say this, too. */
  expectOnConsole(text: RegExp): void {
    this.#expected = new RegExp(`${REFUSED_CALL.source}|${text.source}`);
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name });
  }

  get identifier(): Locator {
    return this.page.getByLabel('Mobile number or e-mail address');
  }

  get code(): Locator {
    return this.page.getByLabel('6-digit code', { exact: true });
  }

  /** The live region that speaks at once; a framework may have one of its own outside of main. */
  get alert(): Locator {
    return this.page.getByRole('main').getByRole('alert');
  }

  /** The live region that waits its turn. */
  get status(): Locator {
    return this.page.getByRole('status');
  }

  heading(name: string): Promise<void> {
    return this.page.getByRole('heading', { level: 2, name, exact: true }).waitFor();
  }

  async requestCode(identifier: string): Promise<void> {
    if (identifier !== '') this.#secrets.add(identifier);
    await this.identifier.fill(identifier);
    await this.button('Send the code').click();
  }

  async confirmTransfer(by: 'Text message' | 'E-mail'): Promise<void> {
    await this.page.getByRole('radio', { name: by }).check();
    await this.button('Confirm transfer').click();
  }

  /** The page sends the sixth digit off by itself. */
  async enterCode(code: string): Promise<void> {
    this.#secrets.add(code);
    await this.code.fill(code);
  }

  /** From the dev inbox, as the demo gives it to programs. */
  async readCode(to: string): Promise<string> {
    const code = await this.client.code(to);
    this.#secrets.add(to).add(code);
    return code;
  }

  async sends(to: string): Promise<string[]> {
    return (await this.client.inbox(to)).map(({ code }) => code);
  }

  /** What a `<pre>` of the result shows. */
  async shownJson(id: 'host-answer' | 'claims'): Promise<Record<string, unknown>> {
    return JSON.parse((await this.page.locator(`#${id}`).textContent()) ?? '');
  }

  async expectAlert(words: string | RegExp): Promise<void> {
    await eventually(() => this.alert.textContent()).toMatch(words);
    expect(await this.alert.isVisible()).toBe(true);
  }

  async expectFocus(locator: Locator): Promise<void> {
    await eventually(() => locator.evaluate((each) => each === document.activeElement)).toBe(true);
  }

  /** Nothing on the console, nothing secret in a URL or in storage that scripts can read, nothing left in it behind a flow. */
  async assertClean(): Promise<void> {
    expect(this.#faults).toEqual([]);
    for (const page of this.context.pages()) {
      this.#urls.add(page.url());
      const { state, session, ...others } = await page.evaluate(() => ({
        cookie: document.cookie,
        local: localStorage.length,
        session: Object.values(sessionStorage).join(),
        state: document.querySelector('main')?.dataset.state,
      }));
      expect(others).toEqual({ cookie: '', local: 0 });
      if (state !== 'code') expect(session).toBe('');
      expect([...this.#secrets].filter((secret) => session.includes(secret))).toEqual([]);
    }
    for (const url of this.#urls) {
      // All but the port, which is a random one and may hold the two digits of half a code.
      const sent = url.replace(/^(https?:\/\/[^/:]+):\d+/, '$1');
      const readable = `${sent} ${decodeURIComponent(sent)}`;
      const leaked = [...this.#secrets].filter((secret) => readable.includes(secret));
      expect(leaked, `in ${url}`).toEqual([]);
    }
  }

  /** Puts the page back to how it was opened. */
  async leave(): Promise<void> {
    const { context, page } = this;
    context.off('request', this.#onRequest);
    context.off('weberror', this.#onError);
    context.off('console', this.#onConsole);
    for (const other of context.pages()) if (other !== page) await other.close();
    await page.evaluate(() => sessionStorage.clear());
    await page.goto('about:blank');
    await page.emulateMedia({ colorScheme: null });
    await context.setOffline(false);
    await context.clearPermissions();
    await context.clearCookies();
  }
}

/** Asserts on what becomes true; how long that takes is the machine's affair. */
export function eventually<T>(read: () => T | Promise<T>) {
  return expect.poll(read, { timeout: 30_000, interval: 50 });
}
