import type { OtpResponse } from '@otp/core/adapter';
import { answerFailure } from '@otp/example-shared';

export function toResponse({ status, headers, body }: OtpResponse): Response {
  return new Response(body, { status, headers: headers.map(([...pair]) => pair) });
}

/** Calls one of the demo's endpoints with the JSON of a request; an empty body counts as `{}`. */
export async function answerJson(
  request: Request,
  answer: (body: unknown) => Promise<OtpResponse>,
): Promise<Response> {
  const text = await request.text();
  let body: unknown;
  try {
    body = text === '' ? {} : JSON.parse(text);
  } catch {
    return toResponse(answerFailure('bad_request', 'The body must be JSON.'));
  }
  return toResponse(await answer(body));
}
