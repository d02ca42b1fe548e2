/** Who is asking, by network address: the peer, or what a proxy that is known says about it. */
import type { FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** One network as limits see it. `isLocal`: this machine, which is never limited by address. */
export interface ClientAddress {
  /** IPv4 address, or the /64 of an IPv6 address, which one subscriber has to himself. */
  readonly key: string;
  readonly isLocal: boolean;
}

export type AddressOf = (request: Pick<FastifyRequest, 'headers' | 'socket'>) => ClientAddress;

/**
 * @param trustedProxies blocks like `10.0.0.0/8`: of their requests, and no others, the last X-Forwarded-For entry counts
 * @throws Error when an entry is no block of addresses
 */
export function createAddressOf(trustedProxies: readonly string[]): AddressOf {
  const trusted = trustedProxies.map((block) => ipaddr.parseCIDR(block));
  const isTrusted = (address: Address): boolean =>
    trusted.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
  return ({ headers, socket }) => {
    const peer = parse(socket.remoteAddress);
    if (peer === undefined) return { key: 'unknown', isLocal: false };
    const forwarded = isTrusted(peer) ? lastHop(headers['x-forwarded-for']) : undefined;
    return describe(forwarded ?? peer);
  };
}

function parse(text: string | undefined): Address | undefined {
  return text !== undefined && ipaddr.isValid(text) ? ipaddr.process(text) : undefined;
}

/** What the proxy itself has added; everything before it came from outside. */
function lastHop(header: string | string[] | undefined): Address | undefined {
  const last = [header ?? []].flat().at(-1)?.split(',').at(-1)?.trim();
  return parse(last?.replace(/^\[(.*)\](?::\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1'));
}

function describe(address: Address): ClientAddress {
  const isLocal = address.range() === 'loopback';
  if (address instanceof ipaddr.IPv4) return { key: address.toString(), isLocal };
  return {
    key: `${address.parts
      .slice(0, 4)
      .map((part) => part.toString(16))
      .join(':')}::/64`,
    isLocal,
  };
}
