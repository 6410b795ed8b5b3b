#!/usr/bin/env node
import { generateKeys } from './lib/keys/generate-keys.js';

// Prints fresh secrets as lines of a .env file; the values are JSON in the form of the options.
const { keyring, signingKeys } = generateKeys();
console.log(`OTP_KEYRING='${JSON.stringify(keyring)}'`);
console.log(`OTP_SIGNING_KEYS='${JSON.stringify(signingKeys)}'`);
