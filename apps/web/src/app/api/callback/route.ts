import { readBody } from '../../../serviceApp/readBody.ts';
import { getServiceApp } from '../../../serviceApp/wiring.ts';
import { refusal } from '../refusal.ts';

export const dynamic = 'force-dynamic';

/** A batch may hold many messages of 64 KiB each. */
const maxBodyBytes = 16 * 1024 * 1024;

/** The platform's events; see serviceApp/receiveCallback.ts. */
export async function POST(request: Request): Promise<Response> {
  try {
    const serviceApp = getServiceApp();
    const authorization = request.headers.get('authorization') ?? undefined;
    const answer = await serviceApp.receiveCallback({
      authorization,
      callbackContext: contextOf(request.url),
      body: () => readBody(request, maxBodyBytes),
    });
    return Response.json(answer);
  } catch (error) {
    return refusal(error);
  }
}

/** The platform may ask whether anybody is here (reference/events.md 4.1). */
export function GET(): Response {
  return Response.json({ status: 'ok' });
}

function contextOf(url: string): string | undefined {
  const members = [...new URL(url).searchParams];
  return members.find(([name]) => name.toLowerCase() === 'callbackcontext')?.[1];
}
