import { issueChallenge, sessionOf } from '@otp/example-shared';
import { getDemo } from '../../../lib/demo';
import { answerJson } from '../../../lib/http';
import { isLocal } from '../../../lib/local';

export async function POST(request: Request): Promise<Response> {
  const demo = getDemo();
  if (!isLocal(request.headers, demo)) return new Response(null, { status: 404 });
  const sid = sessionOf((name) => request.headers.get(name), demo.settings);
  return answerJson(request, (body) => issueChallenge(demo, body, sid));
}
