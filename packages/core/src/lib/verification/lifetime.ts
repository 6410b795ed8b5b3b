/** Seconds that a verification, and so its code, lives: ten minutes at most by NIST SP 800-63B-4, 3.1.3.2. */
export const TTL_SECONDS = { default: 600, min: 60, max: 600 } as const;
