/** A customer's registration on the server under test: made through /management, or ready-made. */
import { randomBytes, randomUUID } from 'node:crypto';
import { target } from './target.ts';
import type { ReadyMade } from './targetSettings.ts';
import { type Answer, send } from './wire.ts';

export interface Site {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly endpointUri: string;
  readonly agentUris: readonly string[];
  /** A token of the service application; a new one each time. */
  serviceToken(): Promise<string>;
  agentToken(uri: string): Promise<string>;
}

export interface SiteWish {
  readonly callbackUrl: string;
  readonly callbackHosts: readonly string[];
  /** Permissions by their published names; all of the chat when left out. */
  readonly permissions?: readonly string[];
  readonly privileged?: boolean;
}

export const endpointDisplayName = 'Help desk';
export const agentNames = ['Ann', 'Bob'] as const;

/** Registers a tenant with a random domain, or takes the ready-made values. */
export async function createSite(wish: SiteWish): Promise<Site> {
  const { operatorToken, readyMade } = target();
  if (operatorToken === undefined) {
    if (readyMade === undefined) throw new Error('neither an operator token nor ready-made values');
    return siteOf(readyMade);
  }
  return registerSite(operatorToken, wish);
}

/** Another tenant's registration, for what must stay closed. */
export async function createForeignSite(wish: SiteWish): Promise<Site> {
  const { operatorToken, foreign } = target();
  if (operatorToken !== undefined) return registerSite(operatorToken, wish);
  if (foreign === undefined) throw new Error('the foreign cases need CONFORMANCE_FOREIGN_*: see README.md');
  return siteOf(foreign);
}

async function registerSite(operatorToken: string, wish: SiteWish): Promise<Site> {
  const { baseUrl } = target();
  const domain = `c${randomBytes(6).toString('hex')}.example`;
  const clientId = randomUUID();
  const clientSecret = randomBytes(24).toString('base64url');
  const endpointUri = `sip:helpdesk@${domain}`;
  const agentUris = agentNames.map((name) => `sip:${name.toLowerCase()}@${domain}`);
  const put = async (path: string, json: unknown): Promise<void> => {
    const url = `${baseUrl}/management/tenants/${domain}${path}`;
    const answer = await send('PUT', url, { token: operatorToken, json });
    if (answer.status >= 300) throw new Error(`PUT ${url}: ${answer.status} ${answer.text}`);
  };
  await put('', { displayName: 'Contoso', allowedOrigins: ['http://desk.example'] });
  await put(`/applications/${clientId}`, {
    displayName: 'Litware',
    audience: 'https://litware.example',
    callbackHosts: wish.callbackHosts,
    callbackCidrs: ['127.0.0.0/8', '::1/128'],
    actForUsers: true,
    clientSecret,
    relPrefix: target().relPrefix,
    ...(wish.permissions ? { permissions: wish.permissions } : {}),
    ...(wish.privileged ? { privileged: true } : {}),
  });
  await put(`/endpoints/${encodeURIComponent(endpointUri)}`, {
    clientId,
    displayName: endpointDisplayName,
    callbackUrl: wish.callbackUrl,
  });
  for (const [index, uri] of agentUris.entries())
    await put(`/people/${encodeURIComponent(uri)}`, { displayName: agentNames[index] });
  return siteOf({
    tokenUrl: `${baseUrl}/oauth2/${domain}/token`,
    clientId,
    clientSecret,
    endpointUri,
    agentUris,
    agentTokens: [],
  });
}

function accessToken(answer: Answer): string {
  const token = answer.resource.access_token;
  if (answer.status !== 200 || typeof token !== 'string')
    throw new Error(`no token from ${answer.url}: ${answer.status} ${answer.text}`);
  return token;
}

function siteOf(known: ReadyMade): Site {
  const serviceToken = async (): Promise<string> => {
    const { clientId, clientSecret, tokenUrl } = known;
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
    return accessToken(await send('POST', tokenUrl, { form }));
  };
  return {
    ...known,
    serviceToken,
    agentToken: async (uri) => {
      const given = known.agentTokens[known.agentUris.indexOf(uri)];
      if (given !== undefined) return given;
      const form = {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: await serviceToken(),
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        requested_subject: uri,
      };
      return accessToken(await send('POST', known.tokenUrl, { form }));
    },
  };
}
