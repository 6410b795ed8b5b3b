/** @type {import('next').NextConfig} */
export default {
  turbopack: {
    // The root of the workspace, which Next would otherwise guess from lock files.
    root: `${import.meta.dirname}/../../../..`,
    // Bundled from source by next-app.ts.
    resolveAlias: { '@otp/next': './dist/otp-next.js' },
  },
};
