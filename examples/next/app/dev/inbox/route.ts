import { getDemo } from '../../../lib/demo';
import { isLocal } from '../../../lib/local';

const HEADERS = { 'cache-control': 'no-store', vary: 'Accept' };

export async function GET(request: Request): Promise<Response> {
  const demo = getDemo();
  if (!isLocal(request.headers, demo)) return new Response(null, { status: 404 });
  const to = new URL(request.url).searchParams.get('to') ?? undefined;
  return Response.json(demo.inbox.list(to), { headers: HEADERS });
}
