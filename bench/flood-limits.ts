/** The flood tests the bounds of the store: its numbers share prefixes, and its codes are never entered. */
export const FLOOD_LIMITS = {
  numberPrefix: [{ max: 1_000_000_000, windowSeconds: 3600 }],
  conversion: { prefixSampleSize: 1_000, countrySampleSize: 1_000 },
};
