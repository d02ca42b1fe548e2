import { describe, expect, it } from 'vitest';
import { LinkNotAvailableError } from './errors.ts';
import { absoluteLinks, embedded, embeddedAll, linkHref, links, resolveHref, supports } from './resource.ts';

const invitation = {
  rel: 'ms:rtc:saas:messagingInvitation',
  etag: '7',
  _links: {
    self: { href: '/invitations/1?endpointId=sip:helpdesk@contoso.com' },
    'ms:rtc:saas:acceptAndBridge': { href: '/invitations/1/acceptAndBridge' },
    'service:decline': { href: '/invitations/1/decline' },
    accept: { href: '/invitations/1/accept' },
    participant: [{ href: '/p/1' }, { href: '/p/2' }],
  },
  _embedded: { 'service:from': { rel: 'service:participant', name: 'Visitor' }, participant: [{ name: 'A' }] },
};

describe('links', () => {
  it.each(['acceptAndBridge', 'ms:rtc:saas:acceptAndBridge', 'service:acceptAndBridge'])(
    'are found by their word, asked for as %s',
    (rel) => expect(linkHref(invitation, rel)).toBe('/invitations/1/acceptAndBridge'),
  );

  it('are found under the other prefix and under none', () => {
    expect(linkHref(invitation, 'decline')).toBe('/invitations/1/decline');
    expect(linkHref(invitation, 'ms:rtc:saas:accept')).toBe('/invitations/1/accept');
  });

  it('that are plural come all', () => {
    expect(links(invitation, 'participant').map(({ href }) => href)).toEqual(['/p/1', '/p/2']);
    expect(linkHref(invitation, 'participant')).toBe('/p/1');
  });

  it('that are missing are a named error which tells no query', () => {
    expect(supports(invitation, 'cancel')).toBe(false);
    try {
      linkHref(invitation, 'cancel');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(LinkNotAvailableError);
      expect(error).toMatchObject({ code: 'LinkNotAvailable', rel: 'cancel', href: '/invitations/1', etag: '7' });
      expect(String(error)).not.toContain('endpointId');
    }
  });

  it('that are no links are not there', () => {
    const broken = { _links: { cancel: { title: 'x' }, decline: null, accept: [null] } } as never;
    for (const rel of ['cancel', 'decline', 'accept']) expect(supports(broken, rel)).toBe(false);
  });
});

describe('embedded resources', () => {
  it('are found under each prefix, single or as an array', () => {
    expect(embedded(invitation, 'from')).toMatchObject({ name: 'Visitor' });
    expect(embedded(invitation, 'participant')).toMatchObject({ name: 'A' });
    expect(embeddedAll(invitation, 'participant')).toHaveLength(1);
    expect(embedded(invitation, 'application')).toBeUndefined();
  });
});

describe('resolveHref', () => {
  const base = 'https://api.contoso.com/platformservice/discover?x=1';
  it.each([
    ['/ucwa/v1/applications/1', 'https://api.contoso.com/ucwa/v1/applications/1'],
    ['https://other.example/A?b=c%7E', 'https://other.example/A?b=c%7E'],
    ['data:text/plain;charset=utf-8,Hello+ there', 'data:text/plain;charset=utf-8,Hello+ there'],
    ['/events?ack=1&key=1%7Esip%3Aa', 'https://api.contoso.com/events?ack=1&key=1%7Esip%3Aa'],
    ['/a?endpointId=sip:helpdesk@contoso.com', 'https://api.contoso.com/a?endpointId=sip:helpdesk@contoso.com'],
    ['//host.example/a', 'https://host.example/a'],
    ['applications', 'https://api.contoso.com/platformservice/applications'],
    ['/events?ack=1\\u0026key=2', 'https://api.contoso.com/events?ack=1&key=2'],
  ])('%s', (href, expected) => expect(resolveHref(base, href)).toBe(expected));
});

describe('absoluteLinks', () => {
  it('reaches every href of a batch and leaves the rest and the original alone', () => {
    const batch = {
      _links: { next: { href: '/events?ack=2' } },
      sender: [
        { rel: 'conversation', href: '/c/1', events: [{ link: { rel: 'message', href: '/m/1' }, n: 1, x: null }] },
      ],
    };
    const copy = absoluteLinks(batch, 'https://h.example/x');
    expect(copy).toEqual({
      _links: { next: { href: 'https://h.example/events?ack=2' } },
      sender: [
        {
          rel: 'conversation',
          href: 'https://h.example/c/1',
          events: [{ link: { rel: 'message', href: 'https://h.example/m/1' }, n: 1, x: null }],
        },
      ],
    });
    expect(batch._links.next.href).toBe('/events?ack=2');
  });
});
