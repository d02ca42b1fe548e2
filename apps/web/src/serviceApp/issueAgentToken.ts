import type { Deps } from './deps.ts';

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
  { platformToken }: Pick<Deps, 'platformToken'>,
  sipUri: string,
): Promise<AgentToken> {
  const { token, expiresAtMs } = await platformToken.exchange(sipUri);
  return { token, expiresAt: new Date(expiresAtMs) };
}
