import { getDemo } from '../../../lib/demo';
import { isLocal } from '../../../lib/local';

const HEADERS = { 'cache-control': 'no-store', vary: 'Accept' };

export async function GET(request: Request): Promise<Response> {
  const demo = getDemo();
  if (!isLocal(request.headers, demo)) return new Response(null, { status: 404 });
  const query = new URL(request.url).searchParams;
  const to = query.get('to') ?? undefined;
  const messages = query.get('whole') === '1' ? demo.inbox.listWhole(to) : demo.inbox.list(to);
  return Response.json(messages, { headers: HEADERS });
}
