import { describe, expect, it } from 'vitest';
import { cachedToken, exchangeAgentToken, fetchServiceToken } from './oauthToken.ts';
import { createSend } from './request.ts';
import { createManualClock } from './testing/manualClock.ts';

function serve(body: unknown, status = 200) {
  const clock = createManualClock();
  const forms: Record<string, string>[] = [];
  const types: (string | null)[] = [];
  const fetch: typeof globalThis.fetch = async (_input, init) => {
    forms.push(Object.fromEntries(new URLSearchParams(String(init?.body))));
    types.push(new Headers(init?.headers).get('Content-Type'));
    return new Response(JSON.stringify(body), { status });
  };
  const tokenUrl = 'https://api.test/oauth2/contoso.com/token';
  const send = createSend({ fetch, clock, baseUrl: tokenUrl });
  return { clock, forms, types, common: { send, clock, tokenUrl } };
}

const credentials = { clientId: 'id', clientSecret: 's&cret' };

describe('token requests', () => {
  it('client credentials', async () => {
    const { clock, forms, types, common } = serve({ access_token: 'A', token_type: 'Bearer', expires_in: '3600' });
    const got = await fetchServiceToken({ ...common, ...credentials, resource: 'https://api.test' });
    expect(got).toEqual({ token: 'A', expiresAtMs: clock.now() + 3_600_000 });
    expect(types).toEqual(['application/x-www-form-urlencoded']);
    expect(forms[0]).toEqual({
      grant_type: 'client_credentials',
      client_id: 'id',
      client_secret: 's&cret',
      resource: 'https://api.test',
    });
  });

  it('token exchange for an agent', async () => {
    const { forms, common } = serve({ access_token: 'U', expires_in: 28_800 });
    await exchangeAgentToken({ ...common, subjectToken: 'A', requestedSubject: 'sip:ann@contoso.com' });
    expect(forms[0]).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: 'A',
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      requested_subject: 'sip:ann@contoso.com',
    });
  });

  it('are refused with OAuth’s own code, and never show the secret', async () => {
    const { common } = serve({ error: 'invalid_client' }, 400);
    const error: unknown = await fetchServiceToken({ ...common, ...credentials }).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ name: 'UcwaError', code: 'invalid_client', status: 400, retryable: false });
    expect(String(error)).not.toContain('cret');
  });

  it.each([{}, { access_token: 'A' }, { access_token: 'A', expires_in: 'soon' }])(
    'answer without sense: %j',
    async (body) => {
      const { common } = serve(body);
      await expect(fetchServiceToken({ ...common, ...credentials })).rejects.toMatchObject({ code: 'MalformedAnswer' });
    },
  );
});

describe('cachedToken', () => {
  function source(lifeMs = 3_600_000) {
    const clock = createManualClock();
    let asked = 0;
    let broken = false;
    const fetchToken = async () => {
      asked += 1;
      if (broken) throw new Error('no');
      return { token: `t${asked}`, expiresAtMs: clock.now() + lifeMs };
    };
    const token = cachedToken({ clock, fetchToken });
    return { clock, token, asked: () => asked, breakIt: (value: boolean) => (broken = value) };
  }

  it('keeps a token until shortly before its expiry', async () => {
    const { clock, token } = source();
    expect(await token()).toBe('t1');
    await clock.advance(3_600_000 - 300_001);
    expect(await token()).toBe('t1');
    await clock.advance(1);
    expect(await token()).toBe('t2');
  });

  it('keeps a short-lived one for nine tenths of its life', async () => {
    const { clock, token } = source(60_000);
    await token();
    await clock.advance(53_999);
    expect(await token()).toBe('t1');
    await clock.advance(1);
    expect(await token()).toBe('t2');
  });

  it('asks once for many callers, again after a failure, and when told to', async () => {
    const { token, asked, breakIt } = source();
    expect(await Promise.all([token(), token(), token()])).toEqual(['t1', 't1', 't1']);
    expect(asked()).toBe(1);
    breakIt(true);
    await expect(Promise.resolve(token(true))).rejects.toThrow('no');
    expect(await token()).toBe('t1');
    breakIt(false);
    expect(await token(true)).toBe('t3');
    expect(await token()).toBe('t3');
  });
});
