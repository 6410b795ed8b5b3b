import { makeTransfer, sessionOf } from '@otp/example-shared';
import { getDemo } from '../../../lib/demo';
import { answerJson } from '../../../lib/http';

export function POST(request: Request): Promise<Response> {
  const demo = getDemo();
  const sid = sessionOf((name) => request.headers.get(name), demo.settings);
  return answerJson(request, (body) => makeTransfer(demo, body, sid));
}
