import { expect, it } from 'vitest';
import { isSipUri, normalizeSipUri, participantPath, sipDomain } from './sipUri.ts';

it('knows a SIP uri when it sees one', () => {
  expect(isSipUri('sip:ann@contoso.com')).toBe(true);
  expect(isSipUri('sip:m1@contoso.com;gruu;opaque=app:conf:focus:id:AB12CD34')).toBe(true);
  expect(['ann@contoso.com', 'sip:ann', 'sip:a b@contoso.com', 'tel:+15550100', ''].some(isSipUri)).toBe(false);
});

it('compares people without regard to case', () => {
  expect(normalizeSipUri(' SIP:Ann@Contoso.com ')).toBe('sip:ann@contoso.com');
  // What a query parser made of a plus sign.
  expect(normalizeSipUri('sip:help desk@contoso.com')).toBe('sip:help+desk@contoso.com');
  expect(participantPath('SIP:Ann@Contoso.com')).toBe('ann@contoso.com');
  expect(sipDomain('sip:m1@contoso.com;gruu')).toBe('contoso.com');
});
