import type { RequestBody } from '@otp/core/adapter';
import { describe, expect, test } from 'vitest';
import { readBody } from './read-body.js';

/** A request whose body arrives in chunks, and the number of chunks that were read. */
function streamed(chunks: readonly string[], failure?: Error) {
  let taken = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = chunks[taken];
        if (chunk !== undefined) {
          taken += 1;
          controller.enqueue(Buffer.from(chunk));
        } else if (failure === undefined) controller.close();
        else controller.error(failure);
      },
    },
    { highWaterMark: 0 },
  );
  const init = { method: 'POST', body, duplex: 'half' } as const;
  return { request: new Request('https://api.test', init), taken: () => taken };
}

function textOf(body: RequestBody): string {
  if (!(body instanceof Uint8Array)) throw new Error('no bytes were read');
  return Buffer.from(body).toString();
}

describe('the body of a request', () => {
  test.each([[[]], [['one']], [['one', 'two']], [['', 'é']]])(
    'is all its bytes: %j',
    async (chunks) => {
      const { request } = streamed(chunks);
      expect(textOf(await readBody(request, 8))).toBe(chunks.join(''));
    },
  );

  test('is empty where there is none', async () => {
    const request = new Request('https://api.test', { method: 'POST' });
    expect(textOf(await readBody(request, 8))).toBe('');
  });

  test('is refused as too large, and nothing is read beyond the chunk that shows it [B03]', async () => {
    const { request, taken } = streamed(['1234', '5678', '9', 'never read', 'never read']);
    expect(await readBody(request, 8)).toEqual({ refused: 'too_large' });
    expect(taken()).toBe(3);
    expect(request.body?.locked).toBe(false);
  });

  test('is incomplete when the client aborts the request [L04]', async () => {
    const { request } = streamed(['{"identifier":'], new Error('aborted'));
    expect(await readBody(request, 8192)).toEqual({ refused: 'incomplete' });
  });

  test('is incomplete when it has been read, or is being read', async () => {
    const used = streamed(['{}']).request;
    await used.text();
    expect(await readBody(used, 8)).toEqual({ refused: 'incomplete' });
    const locked = streamed(['{}']).request;
    locked.body?.getReader();
    expect(await readBody(locked, 8)).toEqual({ refused: 'incomplete' });
  });
});
