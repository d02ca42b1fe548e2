import { describe, expect, test } from 'vitest';
import { callbackAddress, isAllowedCallbackUrl, requireCallbackUrl } from './callbackUrls.ts';

const client = { callbackHosts: ['localhost:3000', 'SA.example', '10.0.0.7', '8.8.8.8'] };

describe('callback hosts', () => {
  test.each(['http://localhost:3000/x', 'https://sa.example/cb?a={b}', 'https://sa.example:443/'])(
    '%s is allowed',
    (url) => {
      expect(isAllowedCallbackUrl(client, url)).toBe(true);
    },
  );

  test.each([
    'http://localhost/x',
    'http://localhost:3001/x',
    'https://sa.example.evil.example/',
    'https://evil.example/?sa.example',
    'https://sa.example@evil.example/',
    'https://me:pw@sa.example/',
    'file:///etc/passwd',
    'ftp://sa.example/',
    'http://169.254.169.254/',
    '',
  ])('%s is denied', (url) => {
    expect(isAllowedCallbackUrl(client, url)).toBe(false);
    expect(() => requireCallbackUrl(client, url)).toThrow(
      expect.objectContaining({ status: 400, subcode: 'CallbackUriUnreachable' }),
    );
  });

  test('a host that is an address has to be public, or in a block besides', () => {
    expect(isAllowedCallbackUrl(client, 'https://8.8.8.8/cb')).toBe(true);
    expect(isAllowedCallbackUrl(client, 'https://10.0.0.7/cb')).toBe(false);
    expect(isAllowedCallbackUrl({ ...client, callbackCidrs: ['10.0.0.0/8'] }, 'https://10.0.0.7/cb')).toBe(true);
    expect(isAllowedCallbackUrl({ ...client, callbackCidrs: ['10.0.0.0/8'] }, 'https://10.0.0.8/cb')).toBe(false);
  });

  test('without a list nothing is allowed', () => {
    expect(isAllowedCallbackUrl({ callbackHosts: [] }, 'https://sa.example/')).toBe(false);
  });
});

describe('callback address', () => {
  const target = { endpointUri: 'sip:helpdesk@contoso.com' };
  test("the operation's own URL wins over the default and is kept to the letter", () => {
    expect(callbackAddress(target, 'https://sa.example/cb')).toBe('https://sa.example/cb');
    expect(callbackAddress({ ...target, callbackUrl: 'https://sa.example/o?x={"a":1}' }, 'd')).toBe(
      'https://sa.example/o?x={"a":1}',
    );
  });
  test('a context is appended and escaped', () => {
    expect(callbackAddress({ ...target, callbackContext: 'a b&c' }, 'https://sa.example/cb')).toBe(
      'https://sa.example/cb?callbackContext=a%20b%26c',
    );
    expect(callbackAddress({ ...target, callbackContext: 'x' }, 'https://sa.example/cb?a=1')).toBe(
      'https://sa.example/cb?a=1&callbackContext=x',
    );
  });
});
