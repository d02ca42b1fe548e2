/**
 * Which addresses a callback may be sent to: public ones, and what an operator has listed by CIDR for the application. A host is
 * resolved when a connection is made, every answer is looked at, and the connection goes to what was looked at and nowhere else,
 * so a name that answers differently the next time leads nowhere new.
 */
import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** All addresses of a host. @throws when there is none */
export type Resolve = (host: string) => Promise<readonly ResolvedAddress[]>;

export const resolveByDns: Resolve = (host) => lookup(host, { all: true, verbatim: true });

/** A host is there, and none of its addresses may be called. */
export class AddressNotAllowedError extends Error {
  override readonly name = 'AddressNotAllowedError';
  readonly code = 'AddressNotAllowed';
  /** An operator or a name server may change it. */
  readonly retryable = true;

  constructor(host: string) {
    super(`No address of ${host} may be called`);
  }
}

/** Public by their range, and yet answered by the cloud's own machinery. */
const metadataAddresses = new Set(['168.63.129.16']);

/** Whether the text is a CIDR block, IPv4 or IPv6. */
export function isCidr(text: string): boolean {
  return ipaddr.isValidCIDR(text);
}

/**
 * Whether an address may be called. Private, loopback, link-local, multicast, metadata and reserved ones may not, in IPv4, IPv6 or
 * the one written as the other, unless a block lists them.
 * @param cidrs what the operator allows besides public addresses
 */
export function isAllowedAddress(address: string, cidrs: readonly string[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (cidrs.some((cidr) => isWithin(parsed, cidr))) return true;
  return parsed.range() === 'unicast' && !metadataAddresses.has(parsed.toString());
}

/** Whether the host of a URL is an address, not a name, that may not be called. @param hostname as `URL` has it */
export function isForbiddenLiteral(hostname: string, cidrs: readonly string[]): boolean {
  const bare = withoutBrackets(hostname);
  return isIP(bare) !== 0 && !isAllowedAddress(bare, cidrs);
}

/**
 * The `lookup` of a connection: only allowed addresses come out, and the connection is made to one of them.
 * It fails with AddressNotAllowedError, or as the resolver does.
 */
export function pinnedLookup(resolve: Resolve, cidrs: readonly string[]): LookupFunction {
  return (host, options, done) => {
    allowedAddresses(resolve, host, cidrs).then(
      (addresses) => {
        const family = familyOf(options.family);
        const [first, ...others] = addresses.filter((one) => family === 0 || one.family === family);
        if (first === undefined) done(new AddressNotAllowedError(host), '', 0);
        else if (options.all) done(null, [first, ...others]);
        else done(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => done(error, '', 0),
    );
  };
}

async function allowedAddresses(resolve: Resolve, host: string, cidrs: readonly string[]): Promise<ResolvedAddress[]> {
  const addresses = await resolve(host);
  return addresses.filter(({ address }) => isAllowedAddress(address, cidrs));
}

function isWithin(address: ipaddr.IPv4 | ipaddr.IPv6, cidr: string): boolean {
  const [network, bits] = ipaddr.parseCIDR(cidr);
  return address.kind() === network.kind() && address.match(network, bits);
}

function withoutBrackets(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

function familyOf(family: number | 'IPv4' | 'IPv6' | undefined): number {
  if (family === 'IPv4') return 4;
  if (family === 'IPv6') return 6;
  return family ?? 0;
}
