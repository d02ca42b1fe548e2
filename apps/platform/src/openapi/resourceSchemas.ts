/**
 * What the answers look like (reference/service-api.md 1 to 14, reference/ucwa-api.md 1 to 9), as schemas for the description of the
 * interface. Answers are not built from them; `openapi.test.ts` holds the two together. Links and embedded resources are listed by
 * rel in docs/rels.md.
 */
import { relPrefixes } from '@repo/ucwa-protocol/rels';
import { conversationStates, importances, messageFilterStates, messagingStates } from '@repo/ucwa-protocol/states';
import { z } from 'zod';

const link = z
  .object({ href: z.string(), title: z.string().optional(), revision: z.string().optional() })
  .meta({ id: 'Link', description: 'Relative to the address of the resource, unless it says otherwise' });
const links = z
  .record(z.string(), z.union([link, z.array(link)]))
  .meta({ id: 'Links', description: 'By rel; a link that is missing is not available now' });
const embedded = z
  .record(z.string(), z.union([z.looseObject({}), z.array(z.looseObject({}))]))
  .meta({ id: 'Embedded', description: 'Whole resources, by rel' });

/** A resource by the word of its rel. @param bare whether the service side writes no prefix either */
function resource<S extends z.ZodRawShape>(word: string, members: S, bare = false) {
  const rel = bare ? z.literal(word) : z.enum([word, ...relPrefixes.map((prefix) => `${prefix}${word}`)]);
  const shape = { ...members, _links: links, _embedded: embedded.optional(), rel };
  return z.object(shape).meta({ id: `${word.charAt(0).toUpperCase()}${word.slice(1)}` });
}

const etag = z.string().optional();
const date = z.string().describe('`/Date(milliseconds since 1970)/`');
const party = { uri: z.string(), name: z.string() };
const importance = z.enum(importances).optional();
const direction = z.enum(['Incoming', 'Outgoing']);
const formats = z.array(z.enum(['Plain', 'Html']));

export const discover = resource('discover', { conferenceId: z.string().optional() });
export const applications = resource('applications', {});
export const myApplications = resource('myApplications', {}, true);
export const myOnlineMeetings = resource('myOnlineMeetings', {}, true);
/** Of a service application, or of one signed-in client. */
export const application = resource('application', {
  culture: z.string().optional(),
  userAgent: z.string().optional(),
  type: z.string().optional(),
  endpointId: z.string().optional(),
  instanceId: z.string().optional(),
  id: z.string().optional(),
  expires: date.optional(),
  etag,
});
export const anonApplicationToken = resource('anonApplicationToken', { token: z.string(), expiryTime: z.string() });
/** One member of UCWA's has an unforeseeable name: clients pass it back in a PUT (reference/ucwa-api.md 4). */
export const communication = resource('communication', {
  supportedModalities: z.array(z.string()).optional(),
  supportedMessageFormats: formats.optional(),
  conversationHistory: z.string().optional(),
  etag,
}).catchall(z.unknown());
export const adhocMeetings = resource('adhocMeetings', {});
const meetingDetails = {
  accessLevel: z.string(),
  leaders: z.array(z.string()),
  attendees: z.array(z.string()),
  expirationTime: date,
  onlineMeetingId: z.string(),
  organizerUri: z.string(),
  organizerName: z.string().optional(),
  conferenceId: z.string(),
  subject: z.string(),
  joinUrl: z.string(),
};
export const adhocMeeting = resource('adhocMeeting', {
  ...meetingDetails,
  description: z.string(),
  automaticLeaderAssignment: z.string(),
  entryExitAnnouncement: z.string(),
  phoneUserAdmission: z.string(),
  lobbyBypassForPhoneUsers: z.string(),
  onlineMeetingUri: z.string(),
  etag,
});

export const conversation = resource('conversation', {
  state: z.enum(conversationStates),
  importance,
  threadId: z.string().optional(),
  subject: z.string().optional(),
  activeModalities: z.array(z.string()),
  onlineMeetingLobbyStatus: z.string().optional(),
  recording: z.boolean().optional(),
  created: date.optional(),
});
export const conversations = resource('conversations', {}, true);
export const onlineMeeting = resource('onlineMeeting', {
  onlineMeetingUri: z.string(),
  ...z.object(meetingDetails).partial().shape,
});
export const conversationBridge = resource('conversationBridge', { onlineMeetingUri: z.string(), etag });
export const bridgedParticipants = resource('bridgedParticipants', {});
export const bridgedParticipant = resource('bridgedParticipant', {
  displayName: z.string(),
  participantUri: z.string(),
  messageFilterState: z.enum(messageFilterStates),
});
export const messaging = resource('messaging', {
  state: z.enum(messagingStates),
  negotiatedMessageFormats: formats.optional(),
});
export const message = resource('message', {
  direction,
  timeStamp: date,
  operationId: z.string().optional(),
});
export const typingParticipants = resource('typingParticipants', {});
export const participants = resource('participants', {});
export const participant = resource('participant', { ...party, local: z.boolean().optional() });
export const participantMessaging = resource('participantMessaging', {});

const invitation = {
  direction,
  state: z.enum(['Connecting', 'Connected', 'Failed']),
  operationId: z.string().optional(),
  importance,
  threadId: z.string().optional(),
  subject: z.string().optional(),
  to: z.string().optional(),
};
export const messagingInvitation = resource('messagingInvitation', invitation);
export const onlineMeetingInvitation = resource('onlineMeetingInvitation', {
  ...invitation,
  onlineMeetingUri: z.string(),
  availableModalities: z.array(z.string()).optional(),
});
export const participantInvitation = resource('participantInvitation', invitation);
export const userMeetingInvitation = resource('userMeetingInvitation', invitation);

export const root = resource('root', {}, true);
export const user = resource('user', {}, true);
export const me = resource('me', { ...party, emailAddresses: z.array(z.string()).optional() }, true);
const presenceMembers = { availability: z.string(), activity: z.string().optional() };
export const presence = resource('presence', presenceMembers, true);
export const note = resource('note', { message: z.string(), type: z.string() }, true);
export const location = resource('location', { location: z.string() }, true);
export const policies = resource(
  'policies',
  { htmlMessaging: z.string(), photos: z.string(), saveMessagingHistory: z.string() },
  true,
);
export const people = resource('people', {}, true);
export const myContacts = resource('myContacts', {}, true);
export const onlineMeetings = resource('onlineMeetings', {}, true);
export const search = resource('search', { moreResultsAvailable: z.boolean() }, true);
export const contact = resource('contact', { ...party, sourceNetwork: z.string() }, true);
export const contactPresence = resource('contactPresence', presenceMembers, true);

const eventLink = link.extend({ rel: z.string() });
const event = z
  .object({
    link: eventLink,
    in: eventLink.optional(),
    status: z.enum(['Success', 'Failure']).optional(),
    reason: z.object({ code: z.string(), subcode: z.string().optional(), message: z.string().optional() }).optional(),
    _embedded: embedded.optional(),
    type: z.enum(['started', 'added', 'updated', 'completed', 'deleted']),
  })
  .meta({ id: 'Event' });
/** A batch of events, of the long poll and of a callback. */
export const events = z
  .object({
    _links: links,
    sender: z.array(z.object({ rel: z.string(), href: z.string(), events: z.array(event) })).optional(),
    baseuri: z.string().optional(),
  })
  .meta({ id: 'Events' });

export const error = z
  .object({
    code: z.string(),
    subcode: z.string().optional(),
    message: z.string(),
    parameters: z.record(z.string(), z.string()).optional().describe('The inputs that are wrong or missing, with 400'),
    debugInfo: z.object({ errorReportId: z.string() }).optional(),
  })
  .meta({ id: 'Error', description: 'docs/errors.md lists the codes' });
