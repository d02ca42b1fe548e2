import NextAuth from 'next-auth';
import { authOptions } from '../../../../auth/session.ts';

interface RouteContext {
  readonly params: Promise<{ readonly nextauth: string[] }>;
}

/** Made for each request: the settings are known only once the service application runs. */
function handle(request: Request, context: RouteContext): Promise<Response> {
  return NextAuth(authOptions())(request, context);
}

export { handle as GET, handle as POST };
