/** Hrefs as clients compare and extend them (reference/client-expectations.md S10, U2, U3). */
import { describe, expect, test } from 'vitest';
import type { Face } from './face.ts';
import { href, tgt } from './href.ts';

const service = {
  kind: 'service',
  tenantId: 'a',
  applicationId: '1234567890',
  endpointUri: 'sip:helpdesk@contoso.com',
  prefix: 'ms:rtc:saas:',
  permissions: [],
} as const satisfies Face;
const ucwa = { kind: 'ucwa', applicationId: '7', audience: 'anonymous' } as const satisfies Face;

describe('href', () => {
  test('the service side names the endpoint once and raw; conversations stand under the tenant', () => {
    const conversation = href.conversation(service, 'C1');
    expect(conversation).toBe(
      `/platformservice/${tgt('a')}/v1/applications/1234567890/communication/conversations/C1?endpointId=sip:helpdesk@contoso.com`,
    );
    expect(href.addParticipant(service, 'C1')).toMatch(
      /participantInvitations\?endpointId=sip:[^&]+&conversationId=C1$/,
    );
    expect(href.application(service)).toBe(
      '/platformservice/v1/applications/1234567890?endpointId=sip%3ahelpdesk%40contoso.com',
    );
    expect(href.participantsView(service, 'C1', 'Lobby')).toMatch(/\/participants\?endpointId=[^&]+&filter=Lobby$/);
  });

  test('the segment of a tenant is constant and of the captured form', () => {
    expect(tgt('a')).toMatch(/^tgt-[0-9a-f]{32}$/);
    expect(tgt('a')).toBe(tgt('a'));
    expect(tgt('a')).not.toBe(tgt('b'));
  });

  test('UCWA actions carry no query, events hrefs exactly one', () => {
    for (const one of [
      href.sendMessage(ucwa, 'C'),
      href.setIsTyping(ucwa, 'C'),
      href.stopMessaging(ucwa, 'C'),
      href.messagingInvitation(ucwa, 'I', '/accept'),
      href.onlineMeetingInvitation(ucwa, 'I', '/decline'),
    ]) {
      expect(one).toMatch(/^\/ucwa\/psanon\/v1\/applications\/7\/[^?]+$/);
    }
    expect(href.events(ucwa, 3).match(/\?/g)).toHaveLength(1);
  });

  test('the key of a callback batch is escaped as in the captures', () => {
    expect(href.callbackEvents(service, 'C1', 2)).toContain(
      '/events?ack=2&key=1234567890%7Esip%3Ahelpdesk%40contoso.com%7EC1',
    );
  });
});
