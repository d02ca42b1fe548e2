/** Reads what the suite knows of the server under test from the environment. README.md explains every variable. */

/** A registered service application with one endpoint: what an operator hands over. */
export interface ReadyMade {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly endpointUri: string;
  readonly agentUris: readonly string[];
  /** Bearer tokens of the agents in the same order; empty when the application may ask for them. */
  readonly agentTokens: readonly string[];
}

export interface Target {
  readonly baseUrl: string;
  /** Given: every run registers a tenant of its own through /management. */
  readonly operatorToken?: string;
  readonly readyMade?: ReadyMade;
  readonly foreign?: ReadyMade;
  readonly relPrefix: string;
  /** Where an agent's client starts. */
  readonly agentRootUrl: string;
  /** Keys with which the server signs what it sends to a callback URL. */
  readonly keysUrl: string;
  readonly callbackHost: string;
  /** 0: any free port. With ready-made values it is the port of the registered callback URL. */
  readonly callbackPort: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

function readyMade(environment: Environment, prefix: string): ReadyMade | undefined {
  const value = (name: string): string => environment[`${prefix}_${name}`] ?? '';
  const list = (name: string): string[] => value(name).split(',').filter(Boolean);
  if (value('CLIENT_ID') === '') return undefined;
  return {
    tokenUrl: value('TOKEN_URL'),
    clientId: value('CLIENT_ID'),
    clientSecret: value('CLIENT_SECRET'),
    endpointUri: value('ENDPOINT'),
    agentUris: list('AGENTS'),
    agentTokens: list('AGENT_TOKENS'),
  };
}

/** Reads the target from variables `CONFORMANCE_*`; `baseUrl` and `operatorToken` may come from a server just started. */
export function targetFrom(environment: Environment, started?: { baseUrl: string; operatorToken: string }): Target {
  const baseUrl = (started?.baseUrl ?? environment.CONFORMANCE_BASE_URL ?? '').replace(/\/$/, '');
  const operatorToken = started?.operatorToken ?? environment.CONFORMANCE_OPERATOR_TOKEN;
  const own = started ? undefined : readyMade(environment, 'CONFORMANCE');
  const foreign = started ? undefined : readyMade(environment, 'CONFORMANCE_FOREIGN');
  if (!operatorToken && !own)
    throw new Error('CONFORMANCE_BASE_URL needs CONFORMANCE_OPERATOR_TOKEN, or ready-made values: see README.md');
  return {
    baseUrl,
    ...(operatorToken ? { operatorToken } : {}),
    ...(own ? { readyMade: own } : {}),
    ...(foreign ? { foreign } : {}),
    relPrefix: environment.CONFORMANCE_REL_PREFIX ?? 'ms:rtc:saas:',
    agentRootUrl: environment.CONFORMANCE_AGENT_ROOT ?? `${baseUrl}/autodiscover/root`,
    keysUrl: environment.CONFORMANCE_KEYS_URL ?? `${baseUrl}/oauth2/keys`,
    callbackHost: environment.CONFORMANCE_CALLBACK_HOST ?? '127.0.0.1',
    callbackPort: Number(environment.CONFORMANCE_CALLBACK_PORT ?? '0'),
  };
}
