/**
 * Kept connections for callbacks, apart for each set of allowed addresses: a connection that one application may use to a private
 * address is never taken by another application that names the same host.
 */
import http from 'node:http';
import https from 'node:https';
import { AddressNotAllowedError, isForbiddenLiteral, pinnedLookup, type Resolve } from './callbackAddresses.ts';

export interface PinnedAgents {
  /** @throws AddressNotAllowedError for a host that is itself an address that may not be called */
  agentFor(url: URL, cidrs: readonly string[]): http.Agent;
  /** Drops the connections that nobody uses. */
  close(): void;
}

interface Pair {
  readonly http: http.Agent;
  readonly https: https.Agent;
  /** Hosts that need no second look: names, and addresses that may be called. */
  readonly good: Set<string>;
}

/** Sets of allowed addresses are few; connections of forgotten ones end by themselves. */
const maxSets = 1000;
const maxGood = 1000;

export function createPinnedAgents(resolve: Resolve): PinnedAgents {
  const pairs = new Map<string, Pair>();
  const pairFor = (cidrs: readonly string[]): Pair => {
    const key = cidrs.join(' ');
    const known = pairs.get(key);
    if (known !== undefined) return known;
    const [oldest] = pairs;
    if (pairs.size >= maxSets && oldest !== undefined) {
      pairs.delete(oldest[0]);
      destroy(oldest[1]);
    }
    const options = { keepAlive: true, lookup: pinnedLookup(resolve, cidrs) };
    const made = { http: new http.Agent(options), https: new https.Agent(options), good: new Set<string>() };
    pairs.set(key, made);
    return made;
  };
  return {
    agentFor: (url, cidrs) => {
      const pair = pairFor(cidrs);
      if (!pair.good.has(url.hostname)) {
        // An address is connected to without a look-up.
        if (isForbidden(url.hostname, cidrs)) throw new AddressNotAllowedError(url.hostname);
        if (pair.good.size < maxGood) pair.good.add(url.hostname);
      }
      return url.protocol === 'https:' ? pair.https : pair.http;
    },
    close: () => {
      for (const pair of pairs.values()) destroy(pair);
    },
  };
}

/** Asked for every callback; a registration that is changed has another list. */
const judged = new WeakMap<readonly string[], Map<string, boolean>>();
const maxJudged = 100;

function isForbidden(hostname: string, cidrs: readonly string[]): boolean {
  const known = judged.get(cidrs)?.get(hostname);
  if (known !== undefined) return known;
  const isOne = isForbiddenLiteral(hostname, cidrs);
  const hosts = judged.get(cidrs) ?? new Map<string, boolean>();
  if (hosts.size < maxJudged) judged.set(cidrs, hosts.set(hostname, isOne));
  return isOne;
}

function destroy(pair: Pair): void {
  pair.http.destroy();
  pair.https.destroy();
}
