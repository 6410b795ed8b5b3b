import type { NamedAddress } from '@otp/core/adapter';

/** A `phrase` that needs no quotes (RFC 5322, 3.2.3). An encoded word is one. */
const ATOMS = /^[\w!#$%&'*+/=?^`{|}~ -]+$/;
const ASCII = /^[ -~]*$/;

/**
 * Writes an address as SES expects it in a field. SES encodes subject and text itself, but not the names of addresses
 * (https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html).
 */
export function toAddressField({ name, address }: NamedAddress): string {
  if (name === '') return address;
  return `${toPhrase(name)} <${address}>`;
}

function toPhrase(name: string): string {
  if (ATOMS.test(name)) return name;
  if (ASCII.test(name)) return `"${name.replace(/["\\]/g, '\\$&')}"`;
  return encodedWords(name).join(' ');
}

/** RFC 2047, 2: a word has at most 75 characters, 12 of which are not base64; 60 of them encode 45 bytes. */
const MAX_BYTES = 45;

/** Splits between characters, because each word is decoded by itself (RFC 2047, 5). */
function encodedWords(name: string): string[] {
  const chunks: string[] = [];
  let chunk = '';
  for (const character of name) {
    if (Buffer.byteLength(chunk + character) > MAX_BYTES) {
      chunks.push(chunk);
      chunk = '';
    }
    chunk += character;
  }
  return [...chunks, chunk].map((text) => `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`);
}
