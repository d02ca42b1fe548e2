import type { ServiceApplication } from '@repo/ucwa-client/serviceClient';
import type { Deps } from './deps.ts';

/** Steps 1 and 2 of the call flow: what the platform offers an endpoint. */
export type Discovery = (endpointUri: string) => Promise<ServiceApplication>;

type DiscoveryDeps = Pick<Deps, 'service' | 'clock' | 'log'>;

/** Permissions change rarely, and a token request that fails discovers again. */
const keepMs = 60_000;

/**
 * Makes the function that discovers an endpoint's application; a recent answer is used again.
 * The function throws ConnectionError, UcwaError, PlatformTokenError or LinkNotAvailableError.
 */
export function createDiscovery(deps: DiscoveryDeps): Discovery {
  const kept = new Map<string, { readonly application: ServiceApplication; readonly until: number }>();
  return async (endpointUri) => {
    const now = deps.clock.now();
    const recent = kept.get(endpointUri);
    if (recent && now < recent.until) return recent.application;
    kept.delete(endpointUri);
    const application = await discoverPlatform(deps, endpointUri);
    kept.set(endpointUri, { application, until: now + keepMs });
    return application;
  };
}

async function discoverPlatform({ service, log }: DiscoveryDeps, endpointUri: string): Promise<ServiceApplication> {
  const applicationsHref = await service.discover();
  if (!(await service.refusesStrangers(applicationsHref, endpointUri))) {
    log.warn({ endpointUri }, 'the platform shows applications without asking for a token');
  }
  return service.application(applicationsHref, endpointUri);
}
