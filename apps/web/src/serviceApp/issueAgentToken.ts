import type { Deps } from './deps.ts';
import { requestToken } from './platformToken.ts';

export interface AgentToken {
  readonly token: string;
  readonly expiresAt: Date;
}

/**
 * A token with which one person of the tenant speaks UCWA: the application exchanges its own token (RFC 8693).
 * The caller has made sure who asks. The token is not kept and not logged.
 * @throws {PlatformTokenError}
 */
export async function issueAgentToken(
  deps: Pick<Deps, 'platform' | 'platformToken' | 'sendAnonymous' | 'clock'>,
  sipUri: string,
): Promise<AgentToken> {
  return requestToken(deps, {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: await deps.platformToken.source(),
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    requested_subject: sipUri,
  });
}
