/** `discover`: where everything begins, for the SA and for a visitor (reference/service-api.md 1, auth.md 3.1). */
import type { Links, Resource } from '@repo/ucwa-protocol/hal';
import { bareRels, type RelPrefix, relPrefixes, rels } from '@repo/ucwa-protocol/rels';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { admitVisitor, decodeContext } from '../auth/anonToken.ts';
import { anonymousChallenge, bearerToken, challenge } from '../auth/bearer.ts';
import { isSameText } from '../auth/clientSecret.ts';
import type { Deps } from '../deps.ts';
import { href } from '../hal/href.ts';
import { queryValue } from '../input.ts';
import type { AnonymousPrincipal } from '../model/principal.ts';
import { endpointKey, serviceClientKey } from '../model/registration.ts';

export function registerDiscover(app: FastifyInstance, deps: Deps): void {
  app.get('/platformservice/discover', async (request): Promise<Resource> => {
    const context = queryValue(request, 'anonymousContext') ?? queryValue(request, 'anonymousMeetingJoinContext');
    if (context === undefined) return discoverResource(deps, request, await servicePrefix(deps, request), {});
    const visitor = await admitContext(deps, request, context);
    const anonApplications = {
      [bareRels.anonApplications]: { href: `${deps.publicUrl}${href.ucwaApplications('anonymous')}` },
    };
    return {
      ...(visitor.meetingUri === undefined ? {} : { conferenceId: visitor.meetingUri }),
      ...discoverResource(deps, request, await prefixOfEndpoint(deps, visitor.endpointUri), anonApplications),
    };
  });
}

/** @param prefix undefined when the reader is a stranger: then it finds the link in either spelling */
function discoverResource(deps: Deps, request: FastifyRequest, prefix: RelPrefix | undefined, more: Links): Resource {
  const query = request.url.includes('?') ? request.url.slice(request.url.indexOf('?')) : '';
  return {
    _links: {
      [bareRels.self]: { href: `${deps.publicUrl}${href.discover()}${query}` },
      ...Object.fromEntries(
        (prefix === undefined ? relPrefixes : [prefix]).map((spelling) => [
          `${spelling}${rels.applications}`,
          { href: `${deps.publicUrl}${href.serviceApplications()}` },
        ]),
      ),
      [bareRels.myApplications]: { href: `${deps.publicUrl}${href.myApplications()}` },
      ...more,
    },
    rel: `${prefix ?? relPrefixes[0]}${rels.discover}`,
  };
}

/** The context alone suffices; a header that comes along has to carry the same token. */
async function admitContext(deps: Deps, request: FastifyRequest, context: string): Promise<AnonymousPrincipal> {
  const token = decodeContext(context);
  const visitor = await admitVisitor(deps, request, token);
  const header = bearerToken(request);
  if (header !== undefined && !isSameText(header, token ?? '')) throw anonymousChallenge(request);
  return visitor;
}

/** A token is not needed here, but one that is present must be good. */
async function servicePrefix(deps: Deps, request: FastifyRequest): Promise<RelPrefix | undefined> {
  const token = bearerToken(request);
  const endpointId = queryValue(request, 'endpointId');
  if (token === undefined) return endpointId === undefined ? undefined : prefixOfEndpoint(deps, endpointId);
  const { tenantId, clientId } = await deps.tokens.service.verify(token).catch((error: unknown) => {
    throw challenge(deps.publicUrl, error);
  });
  const client = await deps.store.read((snapshot) =>
    snapshot.get('serviceClient', serviceClientKey(tenantId, clientId)),
  );
  return client?.relPrefix ?? relPrefixes[0];
}

function prefixOfEndpoint(deps: Deps, uri: string): Promise<RelPrefix> {
  return deps.store.read((snapshot) => {
    const endpoint = snapshot.get('endpoint', endpointKey(uri));
    const client = endpoint && snapshot.get('serviceClient', serviceClientKey(endpoint.tenantId, endpoint.clientId));
    return client?.relPrefix ?? relPrefixes[0];
  });
}
