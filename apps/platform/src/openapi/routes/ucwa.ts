/** Signing in to UCWA, the event channel, and everything about oneself and other people. */
import { z } from 'zod';
import { communicationInput } from '../../resources/communication.ts';
import { locationInput, makeMeAvailableInput, noteInput, presenceInput } from '../../resources/me.ts';
import { searchInput } from '../../resources/people.ts';
import { ucwaApplicationInput } from '../../resources/ucwaApplications.ts';
import type { Descriptions } from '../describe.ts';
import * as resources from '../resourceSchemas.ts';

const polling = z.object({
  ack: z.coerce.number().int().min(0).describe('The batch to get; asking for it acknowledges the one before'),
  low: z.coerce.number().optional().describe('Seconds that events of low priority may wait'),
  medium: z.coerce.number().optional().describe('Seconds that events of medium priority may wait'),
  timeout: z.coerce.number().optional().describe('Seconds until an empty answer, 180 to 1800'),
  priority: z.coerce.number().optional().describe('A GET ends another one of the same or a lower priority'),
});
const raw = z.string().describe('Requests, one in each part');

export const ofUcwa: Descriptions = {
  'GET /autodiscover/root': { summary: 'Where people begin', shows: resources.root, isPublic: true },
  'GET /autodiscover/xframe': {
    summary: 'The frame of old clients, for listed origins',
    answers: { 200: { mediaType: 'text/html', schema: z.string() } },
    isPublic: true,
  },
  'GET /ucwa/oauth/v1/user': { summary: 'To the place to sign in', shows: resources.user },
  'POST {ucwa}': {
    summary: 'Signs in; 200 with the same client’s living application',
    body: ucwaApplicationInput,
    shows: resources.application,
    makes: resources.application,
  },
  'GET {ucwa}/:id': { summary: 'The application', shows: resources.application },
  'DELETE {ucwa}/:id': { summary: 'Signs out', acts: true },
  'GET {ucwa}/:id/events': { summary: 'The long poll: waits for events', query: polling, shows: resources.events },
  'POST {ucwa}/:id/batch': {
    summary: 'Several requests in one',
    body: raw,
    mediaTypes: ['multipart/batching'],
    answers: { 200: { mediaType: 'multipart/batching', schema: z.string() } },
  },
  'GET {ucwa}/:id/policies': { summary: 'What this client may do', shows: resources.policies },
  'GET {ucwa}/:id/me': { summary: 'Who is signed in', shows: resources.me },
  'POST {ucwa}/:id/me/makeMeAvailable': {
    summary: 'Takes calls here from now on',
    body: makeMeAvailableInput,
    acts: true,
  },
  'POST {ucwa}/:id/me/reportMyActivity': { summary: 'Is still there', acts: true },
  'GET {ucwa}/:id/me/presence': { summary: 'One’s presence', shows: resources.presence },
  'POST {ucwa}/:id/me/presence': { summary: 'Sets one’s presence', body: presenceInput, acts: true },
  'GET {ucwa}/:id/me/note': { summary: 'One’s note', shows: resources.note },
  'POST {ucwa}/:id/me/note': { summary: 'Sets one’s note', body: noteInput, acts: true },
  'GET {ucwa}/:id/me/location': { summary: 'Where one is', shows: resources.location },
  'POST {ucwa}/:id/me/location': { summary: 'Says where one is', body: locationInput, acts: true },
  'GET {communication}': { summary: 'What may be started', shows: resources.communication },
  'PUT {communication}': {
    summary: 'Changes the formats that are read; wants If-Match',
    body: communicationInput,
    acts: true,
  },
  'GET {ucwa}/:id/people': { summary: 'To people', shows: resources.people },
  'GET {ucwa}/:id/people/contacts': { summary: 'The contact list', shows: resources.myContacts },
  'GET {ucwa}/:id/people/search': {
    summary: 'People by a part of their name',
    query: searchInput,
    shows: resources.search,
  },
  'GET {ucwa}/:id/people/:uri': { summary: 'Somebody', shows: resources.contact },
  'GET {ucwa}/:id/people/:uri/presence': { summary: 'Somebody’s presence', shows: resources.contactPresence },
  'GET {ucwa}/:id/onlineMeetings': { summary: 'Scheduled meetings', shows: resources.onlineMeetings },
};
