import { fileURLToPath } from 'node:url';
import type { NextConfig } from 'next';

const SAFE_HEADERS = [
  {
    key: 'content-security-policy',
    value: "frame-ancestors 'none'; base-uri 'none'; object-src 'none'",
  },
  { key: 'referrer-policy', value: 'no-referrer' },
  { key: 'x-content-type-options', value: 'nosniff' },
];

const config: NextConfig = {
  poweredByHeader: false,
  // Types are checked with those of the whole repository, against sources; here everything is built.
  typescript: { tsconfigPath: 'tsconfig.build.json', ignoreBuildErrors: true },
  // The root of the workspace, which Next would otherwise guess from lock files.
  turbopack: { root: fileURLToPath(new URL('../..', import.meta.url)) },
  headers: async () => [{ source: '/:path*', headers: SAFE_HEADERS }],
  // One URL for people and for programs: a page and a route handler cannot share a folder.
  rewrites: async () => ({
    beforeFiles: [
      {
        source: '/dev/inbox',
        has: [{ type: 'header', key: 'accept', value: 'text/html.*' }],
        destination: '/inbox',
      },
    ],
    afterFiles: [],
    fallback: [],
  }),
};

export default config;
