/** The flood's numbers have prefixes in common, and nobody enters its codes: it is the store's bounds that are tried. */
export const FLOOD_LIMITS = {
  numberPrefix: [{ max: 1_000_000_000, windowSeconds: 3600 }],
  conversion: { prefixSampleSize: 1_000, countrySampleSize: 1_000 },
};
