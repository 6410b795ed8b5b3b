import type { RequestBody } from '@otp/core/adapter';

/** The bytes of a request's body, up to `maxBytes`; nothing is read beyond the chunk that crosses that line. */
export async function readBody(request: Request, maxBytes: number): Promise<RequestBody> {
  const { body } = request;
  if (body === null) return new Uint8Array();
  if (request.bodyUsed || body.locked) return { refused: 'incomplete' };
  // Released and not cancelled in the end: what becomes of an unread rest is for the host's server to say.
  const reader = body.getReader();
  try {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      size += next.value.length;
      if (size > maxBytes) return { refused: 'too_large' };
      chunks.push(next.value);
    }
    const [only] = chunks;
    return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
  } catch {
    // The client has gone, or the host's server gave up on it.
    return { refused: 'incomplete' };
  } finally {
    reader.releaseLock();
  }
}
