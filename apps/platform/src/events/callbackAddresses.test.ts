import { describe, expect, test } from 'vitest';
import {
  AddressNotAllowedError,
  isAllowedAddress,
  isCidr,
  isForbiddenLiteral,
  pinnedLookup,
} from './callbackAddresses.ts';

describe('addresses', () => {
  test.each(['8.8.8.8', '93.184.215.14', '2606:4700::1111', '::ffff:8.8.8.8'])('%s is public', (address) => {
    expect(isAllowedAddress(address, [])).toBe(true);
  });

  test.each([
    ['loopback', '127.0.0.1'],
    ['loopback', '127.9.9.9'],
    ['loopback', '::1'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '192.168.1.1'],
    ['private', 'fd00::1'],
    ['carrier', '100.64.0.1'],
    ['link-local', '169.254.1.1'],
    ['link-local', 'fe80::1'],
    ['link-local', 'fe80::1%eth0'],
    ['metadata', '169.254.169.254'],
    ['metadata', 'fd00:ec2::254'],
    ['metadata', '100.100.100.200'],
    ['metadata', '168.63.129.16'],
    ['multicast', '224.0.0.1'],
    ['multicast', 'ff02::1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '0.0.0.0'],
    ['unspecified', '::'],
    ['mapped', '::ffff:127.0.0.1'],
    ['mapped', '::ffff:a9fe:a9fe'],
    ['compatible', '::127.0.0.1'],
    ['translated', '64:ff9b::7f00:1'],
    ['6to4', '2002:7f00:1::'],
    ['documentation', '192.0.2.1'],
    ['site-local', 'fec0::1'],
    ['no address', 'localhost'],
    ['no address', ''],
  ])('%s is denied: %s', (_why, address) => {
    expect(isAllowedAddress(address, [])).toBe(false);
  });

  test('a block allows what is in it and nothing else', () => {
    expect(isAllowedAddress('127.0.0.1', ['127.0.0.0/8'])).toBe(true);
    expect(isAllowedAddress('::ffff:127.0.0.1', ['127.0.0.0/8'])).toBe(true);
    expect(isAllowedAddress('::1', ['127.0.0.0/8'])).toBe(false);
    expect(isAllowedAddress('::1', ['127.0.0.0/8', '::1/128'])).toBe(true);
    expect(isAllowedAddress('10.1.0.1', ['10.0.0.0/16'])).toBe(false);
    expect(isAllowedAddress('8.8.8.8', ['10.0.0.0/16'])).toBe(true);
  });

  test('blocks are read strictly', () => {
    expect(['10.0.0.0/8', 'fd00::/8', '127.0.0.1/32'].every(isCidr)).toBe(true);
    expect(['10.0.0.0', '10.0.0.0/33', 'localhost/8', '', '/8'].some(isCidr)).toBe(false);
  });

  test.each(['127.0.0.1', '2130706433', '0x7f.1', '017700000001', '[::1]', '[::ffff:7f00:1]', '169.254.169.254'])(
    'a URL that names %s instead of a host',
    (host) => {
      expect(isForbiddenLiteral(new URL(`http://${host}/`).hostname, [])).toBe(true);
      expect(isForbiddenLiteral(new URL('http://sa.example/').hostname, [])).toBe(false);
    },
  );
});

describe('the look-up of a connection', () => {
  const addresses = [
    { address: '10.0.0.7', family: 4 },
    { address: '8.8.8.8', family: 4 },
    { address: '2606:4700::1111', family: 6 },
  ];
  const ask = (options: object, cidrs: string[] = [], known = addresses) =>
    new Promise<unknown[]>((resolve) => {
      pinnedLookup(async () => known, cidrs)('sa.example', options, (...answer) => resolve(answer));
    });

  test('only allowed addresses come out', async () => {
    expect(await ask({ all: true })).toEqual([null, addresses.slice(1)]);
    expect(await ask({})).toEqual([null, '8.8.8.8', 4]);
    expect(await ask({ family: 6 })).toEqual([null, '2606:4700::1111', 6]);
    expect(await ask({ all: true }, ['10.0.0.0/8'])).toEqual([null, addresses]);
  });

  test('when none is left the connection fails', async () => {
    expect((await ask({ all: true }, [], addresses.slice(0, 1)))[0]).toBeInstanceOf(AddressNotAllowedError);
    expect((await ask({ family: 6 }, [], addresses.slice(0, 2)))[0]).toBeInstanceOf(AddressNotAllowedError);
  });

  test("the resolver's own failure is passed on", async () => {
    const failing = new Promise((resolve) => {
      const nobody = async () => Promise.reject(Object.assign(new Error('no such host'), { code: 'ENOTFOUND' }));
      pinnedLookup(nobody, [])('gone.example', {}, (error) => resolve(error));
    });
    expect(await failing).toMatchObject({ code: 'ENOTFOUND' });
  });
});
