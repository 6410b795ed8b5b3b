import { startSession } from '@otp/example-shared';
import { getDemo } from '../../../lib/demo';
import { answerJson } from '../../../lib/http';

export function POST(request: Request): Promise<Response> {
  return answerJson(request, (body) => startSession(getDemo(), body));
}
