/** What somebody may send who does not care what is asked for: texts, values, bodies, parts and headers of any kind. */
import fc from 'fast-check';

export const words = [
  'operationId',
  'to',
  'subject',
  'importance',
  'threadId',
  'message',
  'customContent',
  '_links',
  'displayName',
  'participantUri',
  'messageFilterState',
  'onlineMeetingUri',
  'impersonatedDisplayName',
  'callbackUrl',
  'callbackContext',
  'applicationSessionId',
  'allowedOrigins',
  'meetingUrl',
  'anonymousDisplayName',
  'culture',
  'userAgent',
  'endpointId',
  'supportedModalities',
  'signInAs',
  'availability',
  'leaders',
  'attendees',
  'expirationTime',
  'accessLevel',
  'localUserUri',
  'audience',
  'permissions',
  'relPrefix',
  'callbackHosts',
  'clientSecret',
  '__proto__',
  'constructor',
  'toString',
  'href',
  'length',
];
export const oddTexts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', maxLength: 2000 }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    '\ud800',
    '\udfff\ud800',
    'cid:1',
    'CID:2',
    'null',
    '__proto__',
    '../..',
    '%',
    '%00',
    '%zz',
    '٣',
    'İ',
    '\u202e',
    'sip:',
    'sip:@',
    'sip:a@b',
    'sip:a@b;x=;',
    `sip:${'a'.repeat(5_000)}@b`,
    'SIP:Ann@Contoso.com',
    'sip:ann@contoso.com ',
    'sip:a@b@c',
    'data:',
    'data:,',
    'data:text/plain,%',
    'data:text/plain;base64,====',
    'data:text/plain;base64,%',
    'data:;base64,4pyT',
    'data:x,%ff',
    'http://',
    'https://[::1',
    'https://sa.example:99999/',
    'javascript:1',
    'https://user:pass@sa.example/',
    '2026-13-45',
    '/Date(9e99)/',
    '-1',
    '1e400',
    'NaN',
  ),
  fc.constantFrom('sip:helpdesk@contoso.com', 'sip:ann@contoso.com', 'Disabled', 'Enabled', 'Normal'),
);
const oddValues: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    oddTexts,
    fc.constantFrom(null, true, false, 0, -1, 1e308, 2 ** 53),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...words), fc.string()), tie('value'), { maxKeys: 6 }),
  ),
})).value;
export const anyBody = fc.dictionary(fc.constantFrom(...words), oddValues, { maxKeys: 10 });

/** Parts with boundaries that are there, doubled, open or wrong, and heads of any kind. */
export const multipart = (boundary: string, part: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.array(part, { maxLength: 5 }),
      fc.constantFrom('--', '', '-', '\r\n', '--\r\n'),
      fc.constantFrom('\r\n', '\n', '\r', ''),
    )
    .map(
      ([parts, end, line]) => `${parts.map((one) => `--${boundary}${line}${one}${line}`).join('')}--${boundary}${end}`,
    );
export const head = fc
  .array(fc.tuple(fc.constantFrom('Content-Type', 'Content-ID', 'content-id', 'X', '', ' ', '__proto__'), oddTexts), {
    maxLength: 3,
  })
  .map((lines) => lines.map(([name, value]) => `${name}: ${value}`).join('\r\n'));

/** What Node lets through as the value of a header. */
export const headerText = fc.oneof(
  fc.string({
    unit: fc
      .integer({ min: 32, max: 255 })
      .filter((code) => code !== 127)
      .map((code) => String.fromCharCode(code)),
    maxLength: 60,
  }),
  fc.constantFrom(
    'Bearer',
    'Bearer ',
    'Bearer  x',
    'Bearer x y',
    'Basic eDp5',
    'bearer psat=',
    '*',
    '"',
    'W/"x"',
    '99',
    '-1',
    ',',
    'null',
  ),
);

/** Broken escapes stay broken; only what cannot stand in a request line is taken out. */
export const rawQuery = (text: string): string => `&${text.replace(/[^\x21-\x7e]|#/g, '')}`;

/** Without halves of surrogate pairs, which no escape can carry. */
export const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '');
