import { beforeEach, describe, expect, test } from 'vitest';
import {
  ann,
  callInAgent,
  createModelWorld,
  helpdesk,
  type Instance,
  type ModelWorld,
  sa,
  signInPerson,
  signInVisitor,
  startMeeting,
} from '../testing/modelWorld.ts';
import { serviceChannelId } from './channel.ts';
import { addMessaging } from './messaging.ts';
import { acceptAndBridge, acceptMessaging, startMessaging } from './messagingInvitation.ts';
import { startAdhocMeeting } from './onlineMeetingInvitation.ts';

const text = 'data:text/plain;charset=utf-8,Where+is+my+parcel%3f';
let model: ModelWorld;
let visitor: Instance;
beforeEach(async () => {
  model = await createModelWorld();
  visitor = await signInVisitor(model);
});
const ring = (message: string, to = helpdesk) =>
  model.act((world) => startMessaging(world, visitor.caller, { operationId: 'o', to, message }));
const messagesIn = (channelId: string) =>
  model.told(channelId).flatMap(({ link, _embedded }) => (link.rel.endsWith('message') ? [_embedded?.[link.rel]] : []));

describe('the text of an invitation', () => {
  test('becomes the first message, once and last, on the leg, in the meeting and for its agents', async () => {
    const { id } = await ring(text);
    const incomingId = model.get('invitation', id)?.counterpartIds[0] ?? '';
    const c1Channel = serviceChannelId(model.get('invitation', incomingId)?.conversationId ?? '');
    const meeting = await startMeeting(model);
    const agent = await signInPerson(model, ann);
    await callInAgent(model, meeting, agent);
    for (const channelId of [visitor.channelId, agent.channelId, meeting.c2Channel]) model.told(channelId);
    expect(messagesIn(c1Channel)).toEqual([]);
    await model.act((world) => acceptAndBridge(world, sa, incomingId, { onlineMeetingUri: meeting.meetingUri }));
    const toSa = model.told(c1Channel);
    expect(toSa.slice(-2).map(({ link, type }) => `${link.rel} ${type}`)).toEqual([
      'ms:rtc:saas:messagingInvitation completed',
      'ms:rtc:saas:message completed',
    ]);
    const views = [
      [toSa.at(-1)?._embedded?.['ms:rtc:saas:message']],
      ...[meeting.c2Channel, agent.channelId, visitor.channelId].map(messagesIn),
    ];
    const timeStamp = views[0]?.[0]?.timeStamp;
    for (const [index, seen] of views.entries()) {
      expect(seen).toHaveLength(1);
      const direction = index === 3 ? 'Outgoing' : 'Incoming';
      expect(seen[0]).toMatchObject({ direction, timeStamp, _links: { plainMessage: { href: text } } });
    }
  });

  test('that cannot be said refuses the call', async () => {
    const refused = (status: number) => expect.objectContaining({ status });
    await expect(ring('data:text/html,<b>Hi</b>')).rejects.toEqual(refused(415));
    await expect(ring('data:image/png;base64,AAAA')).rejects.toEqual(refused(415));
    await expect(ring('data:text/plain,%zz')).rejects.toEqual(refused(400));
  });

  test('is not said again to a person, who has read it in the invitation', async () => {
    const agent = await signInPerson(model, ann);
    const { id } = await model.act((world) => startMessaging(world, sa, { operationId: 'o', to: ann, message: text }));
    const incomingId = model.get('invitation', id)?.counterpartIds[0] ?? '';
    const [started] = model.told(agent.channelId).filter(({ type }) => type === 'started');
    expect(started?._embedded?.messagingInvitation).toMatchObject({ _links: { message: { href: text } } });
    await model.act((world) => acceptMessaging(world, agent.caller.owner, incomingId));
    expect(messagesIn(agent.channelId)).toEqual([]);
  });

  test('of addMessaging is said in the meeting', async () => {
    const { id } = await model.act((world) => startAdhocMeeting(world, sa, { operationId: 'meet' }));
    const c2 = model.get('invitation', id)?.conversationId ?? '';
    await model.act((world) => addMessaging(world, sa.owner, c2, { operationId: 'chat', message: text }));
    expect(messagesIn(serviceChannelId(c2))).toMatchObject([{ direction: 'Outgoing' }]);
  });
});
