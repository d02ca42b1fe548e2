/** The record as the routers read it. `bindRecords` fills it in from packages/db; tests fill it in by hand. */
import { type Assignment, assignmentsOf } from '@repo/db/assignments';
import type { Database } from '@repo/db/client';
import {
  findSession,
  findSessionByMeetingUri,
  type HelpdeskSession,
  listSessions,
  type SessionSummary,
} from '@repo/db/helpdeskSessions';
import { type Helpdesk, listHelpdesks } from '@repo/db/helpdesks';
import { listPeople, type Person } from '@repo/db/people';
import { type PresenceStatus, renewPresence } from '@repo/db/presence';
import { type SessionEvent, sessionTimeline } from '@repo/db/sessionEvents';
import { internalMessages, type RecordedMessage, visitorMessages } from '@repo/db/transcripts';

export interface Records {
  listSessions(query: { limit: number; before?: Date; personUri?: string }): Promise<SessionSummary[]>;
  findSession(id: string): Promise<HelpdeskSession | undefined>;
  findSessionByMeetingUri(uri: string): Promise<HelpdeskSession | undefined>;
  sessionTimeline(sessionId: string): Promise<SessionEvent[]>;
  visitorMessages(sessionId: string): Promise<RecordedMessage[]>;
  internalMessages(sessionId: string): Promise<RecordedMessage[]>;
  assignmentsOf(sessionId: string): Promise<Assignment[]>;
  renewPresence(presence: { sipUri: string; status: PresenceStatus; until: Date }): Promise<void>;
  listPeople(): Promise<Person[]>;
  listHelpdesks(): Promise<Helpdesk[]>;
}

/** The record in this database. */
export function bindRecords(db: Database): Records {
  return {
    listSessions: (query) => listSessions(db, query),
    findSession: (id) => findSession(db, id),
    findSessionByMeetingUri: (uri) => findSessionByMeetingUri(db, uri),
    sessionTimeline: (sessionId) => sessionTimeline(db, sessionId),
    visitorMessages: (sessionId) => visitorMessages(db, sessionId),
    internalMessages: (sessionId) => internalMessages(db, sessionId),
    assignmentsOf: (sessionId) => assignmentsOf(db, sessionId),
    renewPresence: (presence) => renewPresence(db, presence),
    listPeople: () => listPeople(db),
    listHelpdesks: () => listHelpdesks(db),
  };
}
