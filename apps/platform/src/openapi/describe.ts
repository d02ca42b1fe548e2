/**
 * How a route is described: what it is for, what it reads (with the very schema that the code reads it with) and what it answers.
 * Descriptions are found by method and address, in which the roots that several routes share have one name:
 * - `{communication}` is `…/communication` of a service application and of both kinds of UCWA applications;
 * - `{ucwa}` is `/ucwa/psanon/v1/applications` and `/ucwa/oauth/v1/applications`;
 * - `{service}` is `/platformservice/v1/applications/:applicationId`.
 */
import type { FastifySchema } from 'fastify';
import { z } from 'zod';
import * as resources from './resourceSchemas.ts';

export interface Description {
  /** One line, in the words of an SDK's reference. */
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Default: JSON. */
  readonly mediaTypes?: readonly string[];
  /** 200 with this. */
  readonly shows?: z.ZodType;
  /** 201 with this; `true` = with Location and without a body. */
  readonly makes?: z.ZodType | true;
  /** 204. */
  readonly acts?: true;
  /** Anything else, with its media type. */
  readonly answers?: Readonly<Record<string, { readonly mediaType: string; readonly schema: z.ZodType }>>;
  /** Anybody may ask. */
  readonly isPublic?: true;
}

export type Descriptions = Readonly<Record<string, Description>>;

const roots: readonly (readonly [RegExp, string])[] = [
  [/^\/platformservice\/:tgt\/v1\/applications\/:applicationId\/communication/, '{communication}'],
  [/^\/ucwa\/(?:psanon|oauth)\/v1\/applications\/:id\/communication/, '{communication}'],
  [/^\/platformservice\/v1\/applications\/:applicationId/, '{service}'],
  [/^\/ucwa\/(?:psanon|oauth)\/v1\/applications/, '{ucwa}'],
];

/** The name under which a route is described, e.g. `GET {communication}/conversations/:conversationId`. */
export function descriptionKey(method: string, url: string): string {
  const root = roots.find(([pattern]) => pattern.test(url));
  return `${method} ${root === undefined ? url : url.replace(root[0], root[1])}`;
}

const parameters: Readonly<Record<string, string>> = {
  tgt: 'Routing segment of the tenant, as links have it',
  applicationId: 'Ten digits, as links have it',
  id: 'The UCWA application',
  conversationId: 'The conversation',
  invitationId: 'The invitation',
  participantId: '`user@domain`, or an opaque id',
  uri: '`user@domain`',
  number: 'Number of the message in its conversation',
  key: 'Key of the meeting',
  domain: 'Domain of the tenant',
  tenant: 'Domain or id of the tenant',
  clientId: 'The service application',
  sipUri: 'A SIP uri of the tenant',
  secretId: 'Id of a secret, as the list has it',
  kid: 'Id of a signing key',
  ack: 'Number of the batch',
};

/** @param url as it was registered */
export function schemaOf(description: Description, method: string, url: string): FastifySchema {
  const { summary, body, mediaTypes, isPublic } = description;
  const names = [...url.matchAll(/:(\w+)/g)].map((match) => match[1] ?? '');
  const params = Object.fromEntries(names.map((name) => [name, z.string().describe(parameters[name] ?? name)]));
  const query = {
    ...(isService(url) ? { endpointId: z.string().describe('SIP uri of the endpoint') } : {}),
    ...description.query?.shape,
  };
  return {
    summary,
    tags: [tagOf(url)],
    operationId: operationIdOf(method, url),
    ...(mediaTypes === undefined ? {} : { consumes: mediaTypes }),
    ...(isPublic ? { security: [] } : { security: [{ [securityOf(url)]: [] }] }),
    ...(names.length === 0 ? {} : { params: z.object(params) }),
    ...(Object.keys(query).length === 0 ? {} : { querystring: z.object(query) }),
    ...(body === undefined ? {} : { body }),
    response: responsesOf(description, method, url),
  } as FastifySchema;
}

/** An answer with its body; one without is a schema of null. */
const answer = (description: string, schema: z.ZodType, mediaType = 'application/json') =>
  schema instanceof z.ZodNull
    ? z.null().describe(schema.description ?? description)
    : { description, content: { [mediaType]: { schema } } };

function responsesOf(described: Description, method: string, url: string): Record<string, unknown> {
  const { shows, makes, acts, answers, isPublic } = described;
  const others = Object.entries(answers ?? {}).map(([status, { mediaType, schema }]) => [
    status,
    answer(Number(status) < 300 ? 'What was asked for' : 'Refused', schema, mediaType),
  ]);
  return {
    ...(shows === undefined ? {} : { 200: answer('What was asked for', shows) }),
    ...(makes === undefined ? {} : { 201: makes === true ? started : answer('Made', makes) }),
    ...(acts === undefined ? {} : { 204: z.null().describe('Done') }),
    ...(isPublic ? {} : { 401: answer('Without a token that is good here', z.string(), 'text/html') }),
    ...(isCounted(method, url) ? { 429: answer('Too often; `Retry-After` says when again', resources.error) } : {}),
    ...(url === '/healthz' ? {} : { 503: answer('Not now; `Retry-After` says when again', resources.error) }),
    ...Object.fromEntries(others),
    '4xx': answer('Refused; `code` and `subcode` say why', resources.error),
    '5xx': answer('Failed, and the caller could not help it', resources.error),
  };
}

const started = z.null().describe('Started; its events tell how it goes on');

/** What is limited by the minute: tokens, whatever visitors and agents write, calls of service applications. */
function isCounted(method: string, url: string): boolean {
  if (method === 'GET') return false;
  return url.startsWith('/ucwa/') || url.startsWith('/oauth2/') || /invitations/i.test(url);
}

const text = (description: string) => ({ type: 'string', description }) as const;
const headers: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  201: { Location: text('Address of what was made or started') },
  401: { 'WWW-Authenticate': text('Where to get a token') },
  429: { 'Retry-After': { type: 'integer', description: 'Seconds' } },
  503: { 'Retry-After': { type: 'integer', description: 'Seconds' } },
};

/** What stands in the head of an answer; of what operators make nothing is followed. */
export function headersOf(url: string, status: string): Readonly<Record<string, object>> | undefined {
  return status === '201' && url.startsWith('/management/') ? undefined : headers[status];
}

const isService = (url: string): boolean => url.startsWith('/platformservice/') && !url.endsWith('/discover');

function tagOf(url: string): string {
  if (url.startsWith('/platformservice')) return 'service';
  if (url.startsWith('/ucwa/psanon')) return 'visitor';
  if (url.startsWith('/ucwa/oauth') || url.startsWith('/autodiscover')) return 'agent';
  if (url.startsWith('/management')) return 'management';
  return url.startsWith('/oauth2') ? 'tokens' : 'operations';
}

function securityOf(url: string): string {
  const tag = tagOf(url);
  return tag === 'service' || tag === 'visitor' || tag === 'agent' ? `${tag}Token` : 'operatorToken';
}

/** A name for generated clients: the method, then the address without what varies. */
function operationIdOf(method: string, url: string): string {
  const words = url
    .split('/')
    .filter((word) => word !== '' && word !== 'v1')
    .map((word) => (word.startsWith(':') ? `by ${word.slice(1)}` : word).replace(/\W+/g, ' '))
    .flatMap((word) => word.trim().split(' '));
  const camel = words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join('');
  return `${method.toLowerCase()}${camel}`;
}
