/**
 * Steps 1 and 2 of the call flow: what the platform offers an endpoint.
 *   1. GET discover, the only address that is built here; it links `applications`.
 *   2. GET applications without a token, to see the 401 that says whom to ask for one; then with the token, for this
 *      endpoint; it links `application`.
 *   3. GET application: its links are the capabilities.
 */
import { ConnectionError, UcwaError } from '@repo/ucwa-client/errors';
import { embedded, linkHref, supports } from '@repo/ucwa-client/resource';
import type { Resource } from '@repo/ucwa-protocol/hal';
import { rels } from '@repo/ucwa-protocol/rels';
import type { Deps } from './deps.ts';

export interface Platform {
  /** The application resource of this endpoint, hrefs absolute. */
  readonly application: Resource;
  readonly capabilities: {
    readonly anonApplicationTokens: boolean;
    readonly adhocMeetings: boolean;
    readonly inviteUserToMeeting: boolean;
  };
}

export type Discovery = (endpointUri: string) => Promise<Platform>;

/** Permissions change rarely, and a token request that fails discovers again. */
const keepMs = 60_000;

/**
 * Makes the function that discovers an endpoint's application; a recent answer is used again.
 * The function throws ConnectionError, UcwaError, PlatformTokenError or LinkNotAvailableError.
 */
export function createDiscovery(deps: Pick<Deps, 'sendAnonymous' | 'send' | 'platform' | 'clock' | 'log'>): Discovery {
  const kept = new Map<string, { readonly platform: Platform; readonly until: number }>();
  return async (endpointUri) => {
    const now = deps.clock.now();
    const recent = kept.get(endpointUri);
    if (recent && now < recent.until) return recent.platform;
    kept.delete(endpointUri);
    const platform = await discoverPlatform(deps, endpointUri);
    kept.set(endpointUri, { platform, until: now + keepMs });
    return platform;
  };
}

/** Discovers once, without memory; see {@link createDiscovery}. */
export async function discoverPlatform(
  { sendAnonymous, send, platform, log }: Pick<Deps, 'sendAnonymous' | 'send' | 'platform' | 'log'>,
  endpointUri: string,
): Promise<Platform> {
  const query = { endpointId: endpointUri };
  const discover = await sendAnonymous({ method: 'GET', href: `${platform.platformUrl}/platformservice/discover` });
  const applicationsHref = linkHref(discover.resource ?? {}, rels.applications);

  const challenged = await isChallenged(sendAnonymous({ method: 'GET', href: applicationsHref, query }));
  if (!challenged) log.warn({ endpointUri }, 'the platform shows applications without asking for a token');

  const applications = await send({ method: 'GET', href: applicationsHref, query });
  const applicationHref = linkHref(applications.resource ?? {}, rels.application);
  const { resource: application = {} } = await send({ method: 'GET', href: applicationHref, query });

  const communication = embedded(application, rels.communication) ?? {};
  return {
    application,
    capabilities: {
      anonApplicationTokens: supports(application, rels.anonApplicationTokens),
      adhocMeetings: embedded(application, rels.adhocMeetings) !== undefined,
      inviteUserToMeeting: supports(communication, rels.inviteUserToMeeting),
    },
  };
}

async function isChallenged(request: Promise<unknown>): Promise<boolean> {
  try {
    await request;
    return false;
  } catch (error) {
    if ((error instanceof UcwaError || error instanceof ConnectionError) && error.status === 401) return true;
    throw error;
  }
}
