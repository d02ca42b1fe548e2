/** The entry points of a service application, visitors' tokens and meetings. */
import { z } from 'zod';
import { adhocMeetingInput } from '../../resources/adhocMeetings.ts';
import { anonApplicationTokenInput } from '../../resources/anonApplicationTokens.ts';
import type { Descriptions } from '../describe.ts';
import * as resources from '../resourceSchemas.ts';

const meeting = z.object({ onlineMeetingContext: z.string().optional().describe('The organizer of the meeting') });

export const ofService: Descriptions = {
  'GET /platformservice/discover': {
    summary: 'Where everything begins, for the SA and for a visitor',
    query: z.object({
      endpointId: z.string().optional(),
      anonymousContext: z.string().optional().describe('The visitor’s token'),
      anonymousMeetingJoinContext: z.string().optional().describe('The visitor’s token, for a meeting'),
    }),
    shows: resources.discover,
    isPublic: true,
  },
  'GET /platformservice/v1/applications': { summary: 'To the application', shows: resources.applications },
  'GET /platformservice/v1/myApplications': { summary: 'To the application', shows: resources.myApplications },
  'GET {service}': { summary: 'The application with its capabilities', shows: resources.application },
  'GET {service}/myOnlineMeetings': { summary: 'Scheduled meetings', shows: resources.myOnlineMeetings },
  'GET {service}/communication': { summary: 'What may be started', shows: resources.communication },
  'POST {service}/anonApplicationTokens': {
    summary: 'A token for one visitor',
    body: anonApplicationTokenInput,
    shows: resources.anonApplicationToken,
  },
  'GET {service}/adhocMeetings': { summary: 'The place to post to', shows: resources.adhocMeetings },
  'POST {service}/adhocMeetings': {
    summary: 'Makes a meeting without joining it',
    body: adhocMeetingInput,
    makes: resources.adhocMeeting,
  },
  'GET {service}/adhocMeetings/:key': { summary: 'A meeting', query: meeting, shows: resources.adhocMeeting },
  'DELETE {service}/adhocMeetings/:key': { summary: 'Ends a meeting for everybody', query: meeting, acts: true },
};
