import { RefusalError } from '../../../serviceApp/errors.ts';
import { getServiceApp } from '../../../serviceApp/wiring.ts';
import { refusal } from '../refusal.ts';

export const dynamic = 'force-dynamic';

/** 200 when the service application runs and its database answers. */
export async function GET(): Promise<Response> {
  try {
    const { db } = getServiceApp();
    await db.ping().catch((cause: unknown) => {
      throw new RefusalError(503, 'the database does not answer', { retryAfter: 1, cause });
    });
    return Response.json({ status: 'ok' }, { headers: { 'Cache-Control': 'no-store' } });
  } catch (error) {
    return refusal(error);
  }
}
