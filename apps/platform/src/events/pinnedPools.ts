/**
 * Kept connections for callbacks, one pool for each origin and set of allowed addresses: a connection that one application may use
 * to a private address is never taken by another application that names the same host.
 */
import { Client } from 'undici';
import { AddressNotAllowedError, isForbiddenLiteral, pinnedLookup, type Resolve } from './callbackAddresses.ts';
import { type ConnectionPool, createConnectionPool } from './connectionPool.ts';

export interface PinnedPools {
  /** @throws AddressNotAllowedError for a host that is itself an address that may not be called */
  poolFor(url: URL, cidrs: readonly string[]): ConnectionPool;
  /** Drops the connections that nobody uses, and the others when they are done. */
  close(): void;
}

/** Origins are few; what is sent on a forgotten pool is finished. */
const maxPools = 1000;
/** As many as there are POSTs in flight by default, so that nobody waits behind an SA that does not answer. */
const maxConnections = 256;
/** Not shorter than the patience with an answer, which ends first. */
const connectTimeoutMs = 15_000;

export function createPinnedPools(resolve: Resolve): PinnedPools {
  const pools = new Map<string, ConnectionPool>();
  const open = ({ hostname, origin }: URL, cidrs: readonly string[]): ConnectionPool => {
    // An address is connected to without a look-up.
    if (isForbiddenLiteral(hostname, cidrs)) throw new AddressNotAllowedError(hostname);
    const options = {
      pipelining: 1,
      connectTimeout: connectTimeoutMs,
      // The patience of every POST is its own (callbackPost.ts).
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { lookup: pinnedLookup(resolve, cidrs) },
    };
    return createConnectionPool(() => new Client(origin, options), maxConnections);
  };
  return {
    poolFor: (url, cidrs) => {
      const key = `${url.origin} ${cidrs.join(' ')}`;
      const known = pools.get(key);
      if (known !== undefined) return known;
      const made = open(url, cidrs);
      const [oldest] = pools;
      if (pools.size >= maxPools && oldest !== undefined) {
        pools.delete(oldest[0]);
        oldest[1].close();
      }
      pools.set(key, made);
      return made;
    },
    close: () => {
      for (const pool of pools.values()) pool.close();
      pools.clear();
    },
  };
}
