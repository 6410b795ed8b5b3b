#!/usr/bin/env node
import { generateKeys, generateSecret } from './lib/keys/generate-keys.js';

// Fresh keys as lines of a .env file, for `readKeys`.
const { keyring, signingKeys } = generateKeys();
console.log(`# Use either OTP_SECRET, or OTP_KEYRING with OTP_SIGNING_KEYS.
OTP_SECRET='${generateSecret()}'
# OTP_KEYRING='${JSON.stringify(keyring)}'
# OTP_SIGNING_KEYS='${JSON.stringify(signingKeys)}'`);
