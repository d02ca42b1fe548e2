/**
 * A bridged call over injected requests, as far as the agent's greeting (reference/call-flow.md 1 to 17). Ids that a client would learn
 * from its events are read from the store. In order: the visitor rings, the SA makes a meeting and bridges, the agent comes in.
 */
import { tgt } from '../hal/href.ts';
import type { Invitation } from '../model/documents.ts';
import type { Answer, TwoTenants } from './twoTenants.ts';

interface Side {
  readonly token: string;
  /** Of its UCWA application. */
  readonly id: string;
  readonly conversationId: string;
  readonly invitationId: string;
}

/** Everybody's token, and the ids of everything that the call is made of. */
export interface Call {
  readonly tenantId: string;
  readonly domain: string;
  readonly endpointUri: string;
  readonly serviceToken: string;
  /** Ten digits of the service path. */
  readonly applicationId: string;
  readonly tgt: string;
  readonly visitor: Side;
  readonly agent: Side & { readonly uri: string };
  /** The SA's views: the visitor's leg and the meeting. */
  readonly legId: string;
  readonly meetingLegId: string;
  readonly incomingId: string;
  readonly meetingUri: string;
  /** What nobody else may see, whatever is asked. */
  readonly secrets: readonly string[];
}

/** The names and texts of one visit. */
const wordsOf = (session: string) => ({
  name: `Vera of ${session}`,
  subject: `Secret of ${session}`,
  helper: `Helper of ${session}`,
  greeting: `Words of ${session}`,
});

const idIn = (answer: Answer): string => String(answer.headers.location).split('?')[0]?.split('/').at(-1) ?? '';

function invitationOf({ platform }: TwoTenants, id: string): Promise<Invitation | undefined> {
  return platform.store.read((snapshot) => snapshot.get('invitation', id));
}

/** @param session the visit: part of every name and text */
export async function playCall(two: TwoTenants, domain: string, session: string): Promise<Call> {
  const service = await serviceOf(two, domain);
  const { visitor, legId, incomingId } = await ring(two, domain, session);
  const met = await bridge(two, service, { session, legId, incomingId });
  const agent = await comeIn(two, service, { session, domain, meetingLegId: met.meetingLegId });
  const { name, subject, helper, greeting } = wordsOf(session);
  return {
    ...service,
    domain,
    visitor,
    agent,
    legId,
    incomingId,
    ...met,
    secrets: [
      ...[visitor, agent].flatMap(({ id, conversationId, invitationId }) => [id, conversationId, invitationId]),
      ...[legId, incomingId, met.meetingLegId, met.meetingUri, service.applicationId],
      ...[name, subject, helper, greeting, greeting.replaceAll(' ', '+')],
    ],
  };
}

type Service = Pick<Call, 'tenantId' | 'endpointUri' | 'serviceToken' | 'applicationId' | 'tgt'>;

async function serviceOf(two: TwoTenants, domain: string): Promise<Service> {
  const endpointUri = `sip:helpdesk@${domain}`;
  const { tenantId, applicationId } = await two.platform.store.read((snapshot) => ({
    tenantId: snapshot.get('tenant', domain)?.id ?? '',
    applicationId: snapshot.get('endpoint', endpointUri)?.applicationId ?? '',
  }));
  const serviceToken = await two.serviceToken(domain);
  return { tenantId, endpointUri, serviceToken, applicationId, tgt: tgt(tenantId) };
}

/** A POST of the SA below its communication. */
const serviceSends =
  (two: TwoTenants, { tgt: segment, applicationId, endpointUri, serviceToken: token }: Service) =>
  (path: string, body: object, more = ''): Promise<Answer> => {
    const base = `/platformservice/${segment}/v1/applications/${applicationId}/communication`;
    return two.must('POST', `${base}/${path}?endpointId=${endpointUri}${more}`, { token, body });
  };

async function ring(two: TwoTenants, domain: string, session: string) {
  const { name, subject } = wordsOf(session);
  const token = await two.visitorToken(domain, session);
  const root = '/ucwa/psanon/v1/applications';
  const id = idIn(await two.must('POST', root, { token, body: { anonymousDisplayName: name } }));
  const body = { operationId: `call-${session}`, to: `sip:helpdesk@${domain}`, subject };
  const invitationId = idIn(
    await two.must('POST', `${root}/${id}/communication/messagingInvitations`, { token, body }),
  );
  const outgoing = await invitationOf(two, invitationId);
  const incomingId = outgoing?.counterpartIds[0] ?? '';
  const legId = (await invitationOf(two, incomingId))?.conversationId ?? '';
  return { visitor: { token, id, conversationId: outgoing?.conversationId ?? '', invitationId }, legId, incomingId };
}

async function bridge(
  two: TwoTenants,
  service: Service,
  { session, legId, incomingId }: { session: string; legId: string; incomingId: string },
): Promise<Pick<Call, 'meetingLegId' | 'meetingUri'>> {
  const send = serviceSends(two, service);
  const { subject, helper } = wordsOf(session);
  const started = await send('onlineMeetingInvitations/startAdhocMeeting', { operationId: `meet-${session}`, subject });
  const meeting = await invitationOf(two, idIn(started));
  const meetingLegId = meeting?.conversationId ?? '';
  const meetingUri = meeting?.meetingUri ?? '';
  await send('messagingInvitations', { operationId: `chat-${session}` }, `&conversationId=${meetingLegId}`);
  await send(`messagingInvitations/${incomingId}/acceptAndBridge`, { onlineMeetingUri: meetingUri });
  const named = { displayName: helper, participantUri: agentOf(service), messageFilterState: 'Disabled' };
  await send(`conversations/${legId}/conversationBridge/bridgedParticipants`, named);
  return { meetingLegId, meetingUri };
}

const agentOf = ({ endpointUri }: Service): string =>
  endpointUri.endsWith('@contoso.com') ? 'sip:ann@contoso.com' : 'sip:eve@fabrikam.com';

async function comeIn(
  two: TwoTenants,
  service: Service,
  { session, domain, meetingLegId }: { session: string; domain: string; meetingLegId: string },
): Promise<Call['agent']> {
  const uri = agentOf(service);
  const token = await two.agentToken(domain, uri);
  const root = '/ucwa/oauth/v1/applications';
  const signIn = { userAgent: 'desk', endpointId: session, culture: 'en-us' };
  const id = idIn(await two.must('POST', root, { token, body: signIn }));
  const send = (path: string, body?: object | string): Promise<Answer> =>
    two.must('POST', `${root}/${id}/${path}`, {
      token,
      body,
      ...(typeof body === 'string' ? { headers: { 'content-type': 'text/plain' } } : {}),
    });
  await send('me/makeMeAvailable', { supportedModalities: ['Messaging'] });
  const call = { operationId: `in-${session}`, to: uri };
  const rung = await serviceSends(two, service)('participantInvitations', call, `&conversationId=${meetingLegId}`);
  const own = await rungAt(two, idIn(rung), id);
  const conversationId = own?.conversationId ?? '';
  await send(`communication/onlineMeetingInvitations/${own?.id}/accept`);
  await send(`communication/messagingInvitations?conversation=${conversationId}`);
  await send(`communication/conversations/${conversationId}/messaging/messages`, wordsOf(session).greeting);
  return { token, id, uri, conversationId, invitationId: own?.id ?? '' };
}

/** Every application of the person rings; this is the invitation of one of them. */
async function rungAt(two: TwoTenants, startedId: string, applicationId: string): Promise<Invitation | undefined> {
  return two.platform.store.read((snapshot) =>
    (snapshot.get('invitation', startedId)?.counterpartIds ?? [])
      .map((id) => snapshot.get('invitation', id))
      .find((one) => {
        const owner = snapshot.get('conversation', one?.conversationId ?? '')?.owner;
        return owner?.face === 'ucwa' && owner.applicationId === applicationId;
      }),
  );
}
