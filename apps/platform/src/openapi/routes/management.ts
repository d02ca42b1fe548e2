/** What operators set up and look at (docs/management.md). */
import { z } from 'zod';
import { backupInput } from '../../resources/backup.ts';
import { applicationInput } from '../../resources/management/applications.ts';
import { callbacksFilter } from '../../resources/management/callbacks.ts';
import { endpointInput } from '../../resources/management/endpoints.ts';
import { pageInput } from '../../resources/management/lists.ts';
import { personInput } from '../../resources/management/people.ts';
import { secretInput } from '../../resources/management/secrets.ts';
import { signingKeyInput } from '../../resources/management/signingKeys.ts';
import { tenantInput } from '../../resources/management/tenants.ts';
import type { Descriptions } from '../describe.ts';

const tenants = '/management/tenants';
const tenant = `${tenants}/:domain`;
const texts = z.array(z.string());
const force = z.object({ force: z.string().optional().describe('Also when it ends what is going on') });

const tenantAnswer = z
  .object({
    tenantId: z.string(),
    domain: z.string(),
    displayName: z.string(),
    allowedOrigins: texts,
    xframeOrigins: texts,
    anonymousMeetingOrigins: texts,
  })
  .meta({ id: 'ManagedTenant' });
const applicationAnswer = z
  .object({
    clientId: z.string(),
    tenantId: z.string(),
    displayName: z.string(),
    audience: z.string(),
    relPrefix: z.string(),
    permissions: texts,
    privileged: z.boolean(),
    callbackHosts: texts,
    callbackCidrs: texts,
    actForUsers: z.boolean(),
    clientSecret: z.string().optional().describe('Once, when it was made here'),
  })
  .meta({ id: 'ManagedApplication' });
const endpointAnswer = z
  .object({
    uri: z.string(),
    tenantId: z.string(),
    clientId: z.string(),
    applicationId: z.string(),
    displayName: z.string(),
    callbackUrl: z.string(),
    audience: z.string().optional(),
  })
  .meta({ id: 'ManagedEndpoint' });
const personAnswer = z
  .object({ uri: z.string(), tenantId: z.string(), displayName: z.string() })
  .meta({ id: 'ManagedPerson' });
const secretAnswer = z.object({
  id: z.string(),
  createdAt: z.string().optional(),
  clientSecret: z.string().optional(),
});
const keyAnswer = z.object({
  kid: z.string(),
  state: z.string().optional(),
  createdAt: z.string(),
  activeFrom: z.string(),
  publishedUntil: z.string().optional(),
});
const next = z.string().optional().describe('What to ask for as `after` when there is more');
const callbacks = z.object({ attempts: z.array(z.looseObject({})), givenUp: z.array(z.looseObject({})) });

export const inManagement: Descriptions = {
  [`GET ${tenants}`]: {
    summary: 'The tenants',
    query: pageInput,
    shows: z.object({ tenants: z.array(tenantAnswer), next }),
  },
  [`GET ${tenant}`]: { summary: 'A tenant', shows: tenantAnswer },
  [`PUT ${tenant}`]: { summary: 'Registers or changes a tenant', body: tenantInput, shows: tenantAnswer },
  [`DELETE ${tenant}`]: { summary: 'Removes a tenant with everything in it', query: force, acts: true },
  [`GET ${tenant}/applications`]: {
    summary: 'The service applications of a tenant',
    query: pageInput,
    shows: z.object({ applications: z.array(applicationAnswer), next }),
  },
  [`GET ${tenant}/applications/:clientId`]: { summary: 'A service application', shows: applicationAnswer },
  [`PUT ${tenant}/applications/:clientId`]: {
    summary: 'Registers or changes a service application',
    body: applicationInput,
    shows: applicationAnswer,
  },
  [`DELETE ${tenant}/applications/:clientId`]: { summary: 'Removes a service application', query: force, acts: true },
  [`GET ${tenant}/applications/:clientId/secrets`]: {
    summary: 'The secrets that are valid, without themselves',
    shows: z.object({ secrets: z.array(secretAnswer) }),
  },
  [`POST ${tenant}/applications/:clientId/secrets`]: {
    summary: 'Adds a second secret',
    body: secretInput,
    makes: secretAnswer,
  },
  [`DELETE ${tenant}/applications/:clientId/secrets/:secretId`]: {
    summary: 'Retires a secret',
    query: force,
    acts: true,
  },
  [`GET ${tenant}/endpoints`]: {
    summary: 'The endpoints of a tenant',
    query: pageInput,
    shows: z.object({ endpoints: z.array(endpointAnswer), next }),
  },
  [`GET ${tenant}/endpoints/:sipUri`]: { summary: 'An endpoint', shows: endpointAnswer },
  [`PUT ${tenant}/endpoints/:sipUri`]: {
    summary: 'Registers or changes an endpoint',
    body: endpointInput,
    shows: endpointAnswer,
  },
  [`DELETE ${tenant}/endpoints/:sipUri`]: { summary: 'Removes an endpoint', query: force, acts: true },
  [`GET ${tenant}/people`]: {
    summary: 'The people of a tenant',
    query: pageInput,
    shows: z.object({ people: z.array(personAnswer), next }),
  },
  [`GET ${tenant}/people/:sipUri`]: { summary: 'A person', shows: personAnswer },
  [`PUT ${tenant}/people/:sipUri`]: {
    summary: 'Registers or changes a person',
    body: personInput,
    shows: personAnswer,
  },
  [`DELETE ${tenant}/people/:sipUri`]: { summary: 'Removes a person', query: force, acts: true },
  [`GET ${tenant}/callbacks`]: { summary: 'How callbacks went', query: callbacksFilter, shows: callbacks },
  [`GET ${tenant}/callbacks/:conversationId`]: { summary: 'Those of one conversation', shows: callbacks },
  [`POST ${tenant}/callbacks/:conversationId/:ack/replay`]: {
    summary: 'Delivers a batch that was given up once more',
    shows: z.looseObject({ conversationId: z.string(), ack: z.number() }),
  },
  'GET /management/signingKeys': { summary: 'The signing keys', shows: z.object({ signingKeys: z.array(keyAnswer) }) },
  'POST /management/signingKeys': { summary: 'Makes the next signing key', body: signingKeyInput, makes: keyAnswer },
  'DELETE /management/signingKeys/:kid': { summary: 'Deletes a signing key', query: force, acts: true },
  'POST /management/backup': {
    summary: 'Copies everything into a folder while the server goes on',
    body: backupInput,
    shows: z.object({ folder: z.string() }),
  },
};
