/** The token issuer of this server and its key set (reference/auth.md 2.1, 6, 7). Errors have OAuth's shape here. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { grantTypes } from '../auth/bearer.ts';
import { decoySecretHash, isKnownSecret, isSameText, isSecret } from '../auth/clientSecret.ts';
import { allowPagesOfTenants } from '../auth/cors.ts';
import { meetingKeyToken } from '../auth/meetingKeyToken.ts';
import type { IssuedToken } from '../auth/serviceToken.ts';
import type { Deps } from '../deps.ts';
import { diagnostics } from '../errors.ts';
import { canonicalMeetingUri } from '../model/onlineMeeting.ts';
import { personKey, type ServiceClient, serviceClientKey, type Tenant } from '../model/registration.ts';
import type { TokenAttempt } from '../rateLimits.ts';

const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';

class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly code: string;
  readonly retryable = false;
  readonly statusCode: number;

  constructor(code: string, statusCode = 400) {
    super(code);
    this.code = code;
    this.statusCode = statusCode;
  }
}

export function registerOauth2(app: FastifyInstance, deps: Deps): void {
  app.get('/oauth2/keys', async (_request, reply) =>
    reply.header('Cache-Control', 'public, max-age=300').send(await deps.keys.published()),
  );
  void app.register(async (scope) => {
    // Only here: a form. A parameter of its type may be quoted in odd ways (client-expectations U14).
    scope.addContentTypeParser(
      /^application\/x-www-form-urlencoded/i,
      { parseAs: 'string' },
      async (_request: FastifyRequest, body: string) => new URLSearchParams(body),
    );
    scope.addHook('onSend', async (_request, reply) => {
      reply.header('Cache-Control', 'no-store');
    });
    // The second is where the challenge sends people's clients: there the grant itself tells whose tenant it is.
    for (const path of ['/oauth2/:tenant/token', '/oauth2/token']) {
      scope.post(path, async (request, reply) => {
        const { tenant } = request.params as { tenant?: string };
        await allowPagesOfTenants(request, deps.store);
        const { rates, addressOf } = deps.operations;
        const attempt = await rates.tokenAttempt(subjectOf(request), addressOf(request));
        try {
          const issued = await issueToken(deps, tenant, formOf(request), attempt);
          await attempt.notRefused();
          return reply.send(tokenAnswer(issued));
        } catch (error) {
          if (error instanceof OAuthError) {
            await attempt.refused();
            return writeOAuthError(request, reply, error);
          }
          await attempt.notRefused();
          throw error;
        }
      });
    }
  });
}

/** Whose secret would be guessed with this request, in one spelling. */
function subjectOf({ body }: FastifyRequest): string {
  if (!(body instanceof URLSearchParams)) return '';
  return body.get('grant_type') === grantTypes.anonymousMeeting
    ? canonicalMeetingUri(body.get('ms_rtc_conferenceuri') ?? '')
    : (body.get('client_id') ?? '').toLowerCase();
}

type Form = (name: string) => string | undefined;

function formOf(request: FastifyRequest): Form {
  if (!(request.body instanceof URLSearchParams)) throw new OAuthError('invalid_request');
  const { body } = request;
  return (name) => body.get(name) ?? undefined;
}

async function issueToken(
  deps: Deps,
  tenantName: string | undefined,
  form: Form,
  attempt: TokenAttempt,
): Promise<IssuedToken & { readonly exchanged: boolean }> {
  const tenant = tenantName === undefined ? undefined : await findTenant(deps, tenantName);
  switch (form('grant_type')) {
    case 'client_credentials': {
      if (tenant === undefined) throw new OAuthError('invalid_request');
      const client = await authenticateClient(deps, tenant, form, attempt);
      return { ...(await deps.tokens.service.issue(client)), exchanged: false };
    }
    case grantTypes.tokenExchange:
      return { ...(await exchangeToken(deps, tenant, form)), exchanged: true };
    case grantTypes.anonymousMeeting: {
      await attempt.count();
      const issued = await meetingKeyToken(deps, {
        uri: form('ms_rtc_conferenceuri'),
        key: form('password'),
        renew: form('ms_rtc_renew'),
      });
      if (issued === undefined || (tenant !== undefined && tenant.id !== issued.tenantId))
        throw new OAuthError('invalid_grant');
      return { ...issued, exchanged: false };
    }
    case undefined:
      throw new OAuthError('invalid_request');
    default:
      throw new OAuthError('unsupported_grant_type');
  }
}

async function findTenant(deps: Deps, name: string): Promise<Tenant> {
  const tenant = await deps.store.read(
    (snapshot) =>
      snapshot.get('tenant', name.toLowerCase()) ??
      snapshot
        .ids('tenant')
        .map((domain) => snapshot.get('tenant', domain))
        .find((one) => one !== undefined && isSameText(one.id, name.toLowerCase())),
  );
  if (tenant === undefined) throw new OAuthError('invalid_request');
  return tenant;
}

async function authenticateClient(
  deps: Deps,
  tenant: Tenant,
  form: Form,
  attempt: TokenAttempt,
): Promise<ServiceClient> {
  const [clientId, secret] = [form('client_id'), form('client_secret')];
  if (clientId === undefined || secret === undefined) throw new OAuthError('invalid_request');
  const client = await deps.store.read((snapshot) =>
    snapshot.get('serviceClient', serviceClientKey(tenant.id, clientId)),
  );
  // An application that asks again is not held up by others' guesses.
  if (client !== undefined && isKnownSecret(secret, client.secretHashes)) return client;
  await attempt.count();
  const isRight = await isSecret(secret, client?.secretHashes ?? [decoySecretHash]);
  if (client === undefined || !isRight) throw new OAuthError('invalid_client', 401);
  return client;
}

/** The SA asks for a token of somebody of its tenant (RFC 8693). */
async function exchangeToken(deps: Deps, tenant: Tenant | undefined, form: Form): Promise<IssuedToken> {
  const subject = form('subject_token');
  const uri = form('requested_subject');
  const type = form('subject_token_type') ?? accessTokenType;
  if (subject === undefined || uri === undefined || type !== accessTokenType) throw new OAuthError('invalid_request');
  const identity = await deps.tokens.service.verify(subject).catch(() => {
    throw new OAuthError('invalid_grant');
  });
  if (tenant !== undefined && identity.tenantId !== tenant.id) throw new OAuthError('invalid_grant');
  const { tenantId } = identity;
  const { client, person } = await deps.store.read((snapshot) => ({
    client: snapshot.get('serviceClient', serviceClientKey(tenantId, identity.clientId)),
    person: snapshot.get('person', personKey(uri)),
  }));
  if (client === undefined || !client.actForUsers) throw new OAuthError('unauthorized_client');
  if (person === undefined || person.tenantId !== tenantId) throw new OAuthError('invalid_grant');
  return deps.tokens.agent.issue({ tenantId, uri: person.uri, clientId: client.clientId });
}

function tokenAnswer({ token, expiresInSeconds, exchanged }: IssuedToken & { readonly exchanged: boolean }): object {
  return {
    access_token: token,
    token_type: 'Bearer',
    expires_in: expiresInSeconds,
    ...(exchanged ? { issued_token_type: accessTokenType } : {}),
  };
}

function writeOAuthError(request: FastifyRequest, reply: FastifyReply, error: OAuthError): FastifyReply {
  reply.header('X-Ms-diagnostics', diagnostics(request.hostname, error.code));
  return reply.code(error.statusCode).send({ error: error.code });
}
