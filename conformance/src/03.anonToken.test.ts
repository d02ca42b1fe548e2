/** Step 3: a token for one visitor, bound to endpoint, origins and session. */
import { expect, test } from 'vitest';
import { expectJson, expectRefusal } from './expectations.ts';
import { hrefOf, s, wireMs } from './hal.ts';
import { decodeToken } from './jsonWebToken.ts';
import { expectLikeSample } from './sampleCheck.ts';
import { pageOrigin } from './story.ts';
import { useStory } from './useStory.ts';

const story = useStory();

test('the answer carries the token, its end and the address where the visitor starts', async ({ annotate }) => {
  const { answer, token, discoverHref } = await story().anonToken();
  expectJson(answer, answer.status === 201 ? 201 : 200);
  expect(answer.resource.rel).toBe(s('anonApplicationToken'));
  expect(token).toMatch(/^psat=[\w-]+\.[\w-]+\.[\w-]+$/);
  expect(discoverHref).toMatch(/^https?:\/\//);
  expect(discoverHref).toContain(`anonymousContext=psat%253d${token.slice('psat='.length)}`);
  expect(hrefOf(answer.resource, 'self')).toMatch(/^https?:\/\//);
  await expectLikeSample(answer.resource, 'AnonApplicationToken', annotate);
});

test('the claims are those of the captures', async () => {
  const { answer, sessionId, token } = await story().anonToken();
  const { header, claims } = decodeToken(token.slice('psat='.length));
  expect(header).toMatchObject({ alg: 'RS256', typ: 'JWT', x5t: expect.any(String) });
  expect(claims).toMatchObject({ asi: sessionId, aeu: story().site.endpointUri, ruu: expect.stringMatching(/^sip:/) });
  expect(claims.ao).toBe(`${pageOrigin};http://other.example:8080`);
  expect(Number(claims.exp) - Number(claims.nbf)).toBe(28_800);
  expect(wireMs(answer.resource.expiryTime)).toBe(Number(claims.exp) * 1_000);
});

test('a missing field is named', async () => {
  const { application } = await story().capabilities();
  const href = hrefOf(application.resource, s('anonApplicationTokens'));
  for (const [name, json] of [
    ['applicationSessionId', { allowedOrigins: pageOrigin }],
    ['allowedOrigins', { applicationSessionId: 'session' }],
  ] as const) {
    const answer = await story().service.send('POST', href, { json });
    expectRefusal(answer, 400, 'BadRequest', 'ParameterValidationFailure');
    expect(Object.keys((answer.resource.parameters ?? {}) as object)).toContain(name);
  }
});

test('the same session may be asked for again, and member names in other cases are understood', async () => {
  const { application } = await story().capabilities();
  const { sessionId } = await story().anonToken();
  const href = hrefOf(application.resource, s('anonApplicationTokens'));
  const json = { ApplicationSessionId: sessionId, AllowedOrigins: pageOrigin, unknownMember: 1 };
  const answer = await story().service.send('POST', href, { json });
  expect([200, 201]).toContain(answer.status);
  expect(decodeToken(String(answer.resource.token).slice(5)).claims.asi).toBe(sessionId);
});
