/** Health, figures, keys and tokens: what stands outside of both APIs. */
import { z } from 'zod';
import type { Descriptions } from '../describe.ts';

const status = z.object({ status: z.string() });
const jwk = z.object({
  kty: z.string(),
  n: z.string(),
  e: z.string(),
  use: z.string(),
  alg: z.string(),
  kid: z.string(),
  x5t: z.string(),
});
const tokenRequest = z.object({
  grant_type: z.string(),
  client_id: z.string().optional(),
  client_secret: z.string().optional(),
  resource: z.string().optional(),
  subject_token: z.string().optional(),
  subject_token_type: z.string().optional(),
  requested_subject: z.string().optional(),
  ms_rtc_conferenceuri: z.string().optional(),
  password: z.string().optional(),
});
const tokenAnswer = z.looseObject({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.number(),
});
const token = {
  body: tokenRequest,
  mediaTypes: ['application/x-www-form-urlencoded'],
  shows: tokenAnswer,
  answers: { 400: { mediaType: 'application/json', schema: z.object({ error: z.string() }) } },
  isPublic: true,
} as const;

export const forOperations: Descriptions = {
  'GET /openapi.json': { summary: 'This document', shows: z.looseObject({ openapi: z.string() }), isPublic: true },
  'GET /healthz': { summary: 'Whether the process lives', shows: status, isPublic: true },
  'GET /readyz': { summary: 'Whether requests are welcome', shows: status, isPublic: true },
  'GET /metrics': {
    summary: 'Figures for Prometheus',
    answers: { 200: { mediaType: 'text/plain', schema: z.string() } },
  },
  'GET /oauth2/keys': {
    summary: 'The keys that verify the tokens of this server, also those of its callbacks',
    shows: z.object({ keys: z.array(jwk) }),
    isPublic: true,
  },
  'POST /oauth2/:tenant/token': { summary: 'A token of a service application, or of a person', ...token },
  'POST /oauth2/token': { summary: 'A token whose tenant the grant itself names', ...token },
};
