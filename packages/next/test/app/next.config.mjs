/** @type {import('next').NextConfig} */
export default {
  // The root of the workspace, which Next would otherwise guess from lock files.
  turbopack: { root: `${import.meta.dirname}/../../../..` },
};
