// The commands of `npm run platform`: what each takes, what it asks of /management, and what is shown of the answer.
import { readFileSync } from 'node:fs';

const text = { type: 'string' };
const flag = { type: 'boolean' };
const list = (value) =>
  value
    ?.split(',')
    .map((one) => one.trim())
    .filter(Boolean);
const secretFrom = (file) => (file === undefined ? undefined : readFileSync(file, 'utf8').trim());
/** What is no number goes as it is, for the platform to refuse: null would mean the default. */
const number = (value) => (value === undefined || Number.isNaN(Number(value)) ? value : Number(value));

const tenant = '/management/tenants/:domain';
const application = `${tenant}/applications/:clientId`;
const endpoint = `${tenant}/endpoints/:sipUri`;
const person = `${tenant}/people/:sipUri`;
const force = { force: flag };

const tenantColumns = ['domain', 'displayName', 'allowedOrigins', 'tenantId'];
const applicationColumns = ['clientId', 'displayName', 'audience', 'callbackHosts', 'callbackCidrs'];
const endpointColumns = ['uri', 'displayName', 'clientId', 'callbackUrl', 'applicationId'];
const personColumns = ['uri', 'displayName'];
const keyColumns = ['kid', 'state', 'activeFrom', 'publishedUntil'];
const attemptColumns = ['startedAt', 'conversationId', 'ack', 'attempt', 'outcome', 'status', 'problem', 'ms', 'bytes'];
const givenUpColumns = ['failedAt', 'conversationId', 'ack', 'events', 'endpoint', 'keptUntil'];

/**
 * `name`: the words; `args`: what stands behind them and in the path; `options`: by their names for parseArgs; `body` and `query` make
 * the input from the options; `among`: the list, its member and the id in it that an argument has to be one of, because a DELETE of
 * what is not there succeeds and a slip of the pen should not; `shows`: members of the answer that are lists, with their columns, or the columns of a single answer.
 */
export const commands = [
  {
    name: 'tenants list',
    does: 'lists the tenants',
    route: ['GET', '/management/tenants'],
    shows: { tenants: tenantColumns },
  },
  { name: 'tenants get', args: ['domain'], does: 'shows a tenant', route: ['GET', tenant] },
  {
    name: 'tenants put',
    args: ['domain'],
    does: 'registers or changes a tenant',
    route: ['PUT', tenant],
    options: {
      name: text,
      'allowed-origins': text,
      'xframe-origins': text,
      'anonymous-meeting-origins': text,
    },
    body: (options) => ({
      displayName: options.name,
      allowedOrigins: list(options['allowed-origins']),
      xframeOrigins: list(options['xframe-origins']),
      anonymousMeetingOrigins: list(options['anonymous-meeting-origins']),
    }),
  },
  {
    name: 'tenants delete',
    args: ['domain'],
    does: 'removes a tenant; with --force all that is registered in it',
    route: ['DELETE', tenant],
    options: force,
  },
  {
    name: 'applications list',
    args: ['domain'],
    does: "lists a tenant's applications",
    route: ['GET', `${tenant}/applications`],
    shows: { applications: applicationColumns },
  },
  { name: 'applications get', args: ['domain', 'clientId'], does: 'shows an application', route: ['GET', application] },
  {
    name: 'applications put',
    args: ['domain', 'clientId'],
    does: 'registers or changes an application; a new one gets a secret, which is shown once',
    route: ['PUT', application],
    options: {
      name: text,
      audience: text,
      'rel-prefix': text,
      permissions: text,
      privileged: flag,
      'callback-hosts': text,
      'callback-cidrs': text,
      'act-for-users': flag,
      'secret-file': text,
    },
    body: (options) => ({
      displayName: options.name,
      audience: options.audience,
      relPrefix: options['rel-prefix'],
      permissions: list(options.permissions),
      privileged: options.privileged,
      callbackHosts: list(options['callback-hosts']),
      callbackCidrs: list(options['callback-cidrs']),
      actForUsers: options['act-for-users'],
      clientSecret: secretFrom(options['secret-file']),
    }),
  },
  {
    name: 'applications delete',
    args: ['domain', 'clientId'],
    does: 'removes an application; with --force its endpoints too',
    route: ['DELETE', application],
    options: force,
  },
  {
    name: 'secrets list',
    args: ['domain', 'clientId'],
    does: 'lists the secrets of an application, not their texts',
    route: ['GET', `${application}/secrets`],
    shows: { secrets: ['id', 'createdAt'] },
  },
  {
    name: 'secrets add',
    args: ['domain', 'clientId'],
    does: 'makes a second secret, which is shown once',
    route: ['POST', `${application}/secrets`],
    options: { 'secret-file': text },
    body: (options) => ({ clientSecret: secretFrom(options['secret-file']) }),
  },
  {
    name: 'secrets retire',
    args: ['domain', 'clientId', 'secretId'],
    does: 'ends a secret; the only one with --force',
    route: ['DELETE', `${application}/secrets/:secretId`],
    options: force,
    among: [`${application}/secrets`, 'secrets', 'id', 'secretId'],
  },
  {
    name: 'endpoints list',
    args: ['domain'],
    does: "lists a tenant's endpoints",
    route: ['GET', `${tenant}/endpoints`],
    shows: { endpoints: endpointColumns },
  },
  { name: 'endpoints get', args: ['domain', 'sipUri'], does: 'shows an endpoint', route: ['GET', endpoint] },
  {
    name: 'endpoints put',
    args: ['domain', 'sipUri'],
    does: 'registers or changes an endpoint',
    route: ['PUT', endpoint],
    options: { client: text, name: text, 'callback-url': text, audience: text },
    body: (options) => ({
      clientId: options.client,
      displayName: options.name,
      callbackUrl: options['callback-url'],
      audience: options.audience,
    }),
  },
  {
    name: 'endpoints delete',
    args: ['domain', 'sipUri'],
    does: 'removes an endpoint; with --force its living conversations end',
    route: ['DELETE', endpoint],
    options: force,
  },
  {
    name: 'users list',
    args: ['domain'],
    does: "lists a tenant's people",
    route: ['GET', `${tenant}/people`],
    shows: { people: personColumns },
  },
  { name: 'users get', args: ['domain', 'sipUri'], does: 'shows a person', route: ['GET', person] },
  {
    name: 'users put',
    args: ['domain', 'sipUri'],
    does: 'registers or changes a person',
    route: ['PUT', person],
    options: { name: text },
    body: (options) => ({ displayName: options.name }),
  },
  {
    name: 'users delete',
    args: ['domain', 'sipUri'],
    does: 'removes a person and signs it out; with --force its living conversations end',
    route: ['DELETE', person],
    options: force,
  },
  {
    name: 'keys list',
    does: 'lists the signing keys',
    route: ['GET', '/management/signingKeys'],
    shows: { signingKeys: keyColumns },
  },
  {
    name: 'keys rotate',
    does: 'makes the next signing key; it signs after --in seconds (600)',
    route: ['POST', '/management/signingKeys'],
    options: { in: text },
    body: (options) => ({ activatesInSeconds: number(options.in) }),
  },
  {
    name: 'keys delete',
    args: ['kid'],
    does: 'deletes a retired signing key; with --force any, and its tokens end',
    route: ['DELETE', '/management/signingKeys/:kid'],
    options: force,
    among: ['/management/signingKeys', 'signingKeys', 'kid', 'kid'],
  },
  {
    name: 'callbacks list',
    args: ['domain'],
    does: 'lists the latest callbacks, and batches that were given up',
    route: ['GET', `${tenant}/callbacks`],
    options: { endpoint: text, outcome: text, limit: text },
    query: ({ endpoint, outcome, limit }) => ({ endpoint, outcome, limit }),
    shows: { attempts: attemptColumns, givenUp: givenUpColumns },
  },
  {
    name: 'callbacks show',
    args: ['domain', 'conversationId'],
    does: 'shows the callbacks of one conversation',
    route: ['GET', `${tenant}/callbacks/:conversationId`],
    shows: { attempts: attemptColumns, givenUp: givenUpColumns },
  },
  {
    name: 'callbacks replay',
    args: ['domain', 'conversationId', 'ack'],
    does: 'delivers a batch again that was given up',
    route: ['POST', `${tenant}/callbacks/:conversationId/:ack/replay`],
    // Asked for and not achieved.
    failed: (answer) => answer.outcome !== 'delivered',
  },
  {
    name: 'backup',
    args: ['folder'],
    does: 'copies all data of a running platform, inside of its backup folder',
    route: ['POST', '/management/backup'],
    body: (_options, { folder }) => ({ folder }),
  },
];

/** How a command is written, e.g. `users put <domain> <sipUri> [--name <text>]`. */
export function usageOf({ name, args = [], options = {} }) {
  const words = args.map((arg) => `<${arg}>`);
  const flags = Object.entries(options).map(([option, { type }]) =>
    type === 'boolean' ? `[--${option}]` : `[--${option} <${option === 'in' ? 'seconds' : 'text'}>]`,
  );
  return [name, ...words, ...flags].join(' ');
}
