import { isUtf8 } from 'node:buffer';

/**
 * Undefined for what is no UTF-8. A byte order mark stays, and JSON.parse then refuses it (RFC 8259,
 * 8.1). Much cheaper than a fatal TextDecoder.
 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  const { buffer, byteOffset, byteLength } = bytes;
  return (Buffer.isBuffer(bytes) ? bytes : Buffer.from(buffer, byteOffset, byteLength)).toString();
}

/** Undefined for what is no JSON, which is never a JSON value. */
export function parseJson(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
