import type { RequestBody } from '@otp/core/adapter';

/**
 * Reads the body of a request.
 *
 * @param request the request of the host's server
 * @param maxBytes reading stops at the chunk that exceeds this size
 * @returns the bytes, or why there are none
 */
export async function readBody(request: Request, maxBytes: number): Promise<RequestBody> {
  const { body } = request;
  if (body === null) return new Uint8Array();
  if (request.bodyUsed || body.locked) return { refused: 'incomplete' };
  // Released in the end, not cancelled: the host's server decides about an unread rest.
  const reader = body.getReader();
  try {
    const bytes = new Uint8Array(maxBytes);
    let size = 0;
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      if (size + next.value.length > maxBytes) return { refused: 'too_large' };
      bytes.set(next.value, size);
      size += next.value.length;
    }
    return bytes.subarray(0, size);
  } catch {
    // The client has aborted the request, or the host's server has.
    return { refused: 'incomplete' };
  } finally {
    reader.releaseLock();
  }
}
