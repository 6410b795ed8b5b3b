import { pages, readPage } from './pages.mjs';

/**
 * @typedef {object} Sample
 * @property {string} name of the file to write it to
 * @property {string} text
 */

/** Their blocks are files of one app, which a test runs: see runners.mjs and the e2e tests of examples/next and docs. */
const APPS = [
  'docs/guides/nestjs.md',
  'docs/guides/next-with-postgres.md',
  'docs/guides/server-actions.md',
  'docs/guides/test-your-app.md',
];

/** @returns {Sample[]} the code samples of our READMEs and docs */
export function readmeSamples() {
  const sources = pages().filter((page) => /^(?:README|docs\/.*|packages\/.*)\.md$/.test(page));
  return sources.flatMap((page) => {
    if (APPS.includes(page)) return [];
    const blocks = [...readPage(page).matchAll(/^```(js|ts)\n(.*?)^```/gms)];
    return blocks.flatMap(([, language = '', code = ''], index) => {
      const base = `${page.replace(/\.md$/, '').replaceAll('/', '-')}-${index + 1}`;
      const sample = { name: `${base}.${language}`, text: checkable(code) };
      // The first program of a README, as a user of TypeScript writes it.
      const isFirst =
        language === 'js' && index === 0 && page.endsWith('README.md') && /^import /m.test(code);
      return isFirst
        ? [sample, { ...sample, name: `${base}.ts`, text: typed(sample.text) }]
        : sample;
    });
  });
}

/** Options that a sample shows by themselves. */
const OPTION = /^const (challengeIssuers|fixedCodes|loginConfigs) = /m;

/** @param {string} code @returns {string} a module that compiles without the files beside it */
function checkable(code) {
  const module = code.replaceAll(/(from ')(?:\.{1,2}\/)+([\w-]+)(?:\.js)?(?=')/g, '$1sample/$2');
  const [, option] = OPTION.exec(code) ?? [];
  return option === undefined
    ? module
    : `${module}({ ${option} }) satisfies Partial<import('@otp/core').OtpServiceOptions>;\n`;
}

/** @param {string} code */
const typed = (code) =>
  code
    .replace(/^const sender = \{/m, "const sender: import('@otp/core').Sender = {")
    .replace('async fetch(request) {', 'async fetch(request: Request) {');

/** @param {readonly Sample[]} samples @returns {string[]} the npm packages that they import, without ours */
export function packagesOf(samples) {
  const names = samples.flatMap(({ text }) =>
    [...text.matchAll(/ from '((?:@[\w-]+\/)?[\w-]+)/g)].map(([, name = '']) => name),
  );
  const others = names.filter((name) => !/^(?:node$|sample$|@otp\/)/.test(name));
  return [...new Set(others)].sort();
}

/** What samples name and leave to the reader: the text of a declaration file. */
export const SAMPLE_NAMES = `
declare const service: import('@otp/core').OtpService;
declare const sender: import('@otp/core').Sender;
declare const store: import('@otp/core/store').OtpStore;
declare const tenantOrigins: ReadonlySet<string>;
declare const cookies: { set(name: string, value: string, options: object): void };
declare const signingKeys: readonly import('@otp/core').SigningKey[];
declare const secret: string;
declare const token: string;
declare const result: import('@otp/core').ConsumeStepUpResult & { ok: true };
declare const challenge_token: string;
declare const url: string;
declare const x: string;
declare const accountSid: string;
declare const auth: { authToken: string };
declare const app: import('express').Express;
// Of express-session.
declare namespace Express {
  interface Request {
    session: { user?: object; publicId?: string; regenerate(done: (error: unknown) => void): void };
  }
}
declare const otpFetch: typeof import('@otp/fetch').otpFetch;
declare namespace Bun {
  interface Server<Data> {
    readonly data: Data;
    requestIP(request: Request): { address: string } | null;
  }
  function serve(options: {
    port: number;
    fetch(request: Request, server: Server<undefined>): Promise<Response>;
  }): void;
}
declare namespace Deno {
  interface NetAddr {
    hostname: string;
  }
  interface ServeHandlerInfo<Address> {
    remoteAddr: Address;
  }
  function serve(
    options: { port: number },
    handler: (request: Request, info: ServeHandlerInfo<NetAddr>) => Promise<Response>,
  ): void;
}
declare const otpRoutes: typeof import('@otp/next').otpRoutes;
declare const createTwilioSender: typeof import('@otp/sender-twilio').createTwilioSender;
declare const storeCases: typeof import('@otp/testing').storeCases;
declare function getOtpService(): import('@otp/core').OtpService;
/** With the options that a sample shows. */
declare function createOtpService(
  options: Partial<import('@otp/core').OtpServiceOptions>,
): import('@otp/core').OtpService;
declare const harness: import('@otp/testing').StoreHarness;
declare const req: import('node:http').IncomingMessage & { readonly body?: Record<string, string> };
// Of jest.
declare function test(name: string, run: () => unknown): void;
declare function expect(value: unknown): { toEqual(expected: unknown): void };
// Under nodenext, Next's types are found with the extension only; Next itself resolves as bundlers do.
declare module 'next/server' {
  export function after(work: Promise<unknown>): void;
}
declare module 'sample/*';
// A test generates it, and compiles its sample as it stands.
declare module 'sample/openapi' {
  export type paths = any;
  export type components = any;
}
declare module 'sample/otp-service' {
  export function getOtpService(): import('@otp/core').OtpService;
}
declare module 'sample/my-store' {
  export function createMyStore(options: { url: string }): import('@otp/core/store').OtpStore;
}
`;
