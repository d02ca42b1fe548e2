import { isRefusal, RefusalError } from '../../../../serviceApp/errors.ts';
import { readBody } from '../../../../serviceApp/readBody.ts';
import { getServiceApp } from '../../../../serviceApp/wiring.ts';
import { refusal } from '../../refusal.ts';

export const dynamic = 'force-dynamic';

const maxBodyBytes = 64 * 1024;

/** What a widget asks for when the visitor opens it; see serviceApp/helpdeskToken.ts. */
export async function POST(request: Request): Promise<Response> {
  let cors = {};
  try {
    const serviceApp = getServiceApp();
    const origin = request.headers.get('origin') ?? undefined;
    cors = await corsHeaders(origin);
    const token = await serviceApp.issueHelpdeskToken({ body: await readBody(request, maxBodyBytes), origin });
    return Response.json(token, { headers: { ...cors, 'Cache-Control': 'no-store' } });
  } catch (error) {
    // A page that may not show the helpdesk may not read why, either.
    const readable = !(isRefusal(error) && error.status === 403);
    return refusal(error, readable ? cors : { Vary: 'Origin' });
  }
}

/** The preflight of a browser. It does not tell the key yet, so any helpdesk's page may go on. */
export async function OPTIONS(request: Request): Promise<Response> {
  try {
    const origin = request.headers.get('origin') ?? undefined;
    const cors = await corsHeaders(origin);
    if (!('Access-Control-Allow-Origin' in cors)) throw new RefusalError(403, 'no helpdesk is shown on this page');
    return new Response(null, {
      status: 204,
      headers: {
        ...cors,
        'Access-Control-Allow-Methods': 'POST, OPTIONS',
        'Access-Control-Allow-Headers': 'Content-Type, Accept',
        'Access-Control-Max-Age': '600',
      },
    });
  } catch (error) {
    return refusal(error, { Vary: 'Origin' });
  }
}

async function corsHeaders(origin: string | undefined): Promise<Record<string, string>> {
  if (origin === undefined || !(await getServiceApp().isAllowedOrigin(origin))) return { Vary: 'Origin' };
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': 'Retry-After',
    Vary: 'Origin',
  };
}
