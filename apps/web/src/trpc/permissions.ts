/** Which role may call which procedure. A procedure that is not in this table is refused to everybody. */
import type { Role } from '../auth/roles.ts';

const everyone = ['admin', 'supervisor', 'agent'] as const;
const overseers = ['admin', 'supervisor'] as const;
const deskStaff = ['supervisor', 'agent'] as const;

export const permissions: Readonly<Record<string, readonly Role[]>> = {
  // An agent sees only the sessions that were given to him: the routers narrow these further.
  'helpdeskSessions.list': everyone,
  'helpdeskSessions.byId': everyone,
  'transcripts.bySession': everyone,
  'desk.connection': deskStaff,
  'desk.sessionByMeeting': deskStaff,
  'desk.heartbeat': deskStaff,
  'desk.endSession': deskStaff,
  'desk.mySessions': deskStaff,
  'people.list': ['admin'],
  'helpdesks.list': overseers,
};

/** Whether a role may call the procedure at this path. */
export function mayCall(role: Role, path: string): boolean {
  return Object.hasOwn(permissions, path) && (permissions[path]?.includes(role) ?? false);
}
