import type { AnonToken, ServiceApplication } from '@repo/ucwa-client/serviceClient';
import type { Deps } from './deps.ts';

export interface Visit {
  /** Unique per visitor's session. */
  readonly applicationSessionId: string;
  /** The page that asks; programs that are no browser send none. */
  readonly origin: string | undefined;
  /** Where the helpdesk may be shown at all. */
  readonly allowedOrigins: readonly string[];
}

/**
 * Step 3: a token for one visitor (reference/service-api.md 3), good on the page that asked and nowhere else.
 * @throws LinkNotAvailableError without the permission "guest user join services"; ConnectionError, UcwaError
 */
export function issueAnonToken(
  { service }: Pick<Deps, 'service'>,
  application: ServiceApplication,
  { applicationSessionId, origin, allowedOrigins }: Visit,
): Promise<AnonToken> {
  return service.issueAnonToken(application, {
    applicationSessionId,
    allowedOrigins: origin === undefined ? allowedOrigins : [origin],
  });
}
