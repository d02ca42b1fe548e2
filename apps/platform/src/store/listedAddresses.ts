/**
 * Format 1 called any host that an application had listed; format 2 calls private addresses only inside of its `callbackCidrs`. What
 * was listed as an address, or as this machine, was meant: it stays allowed. A name says nothing about where it leads.
 */
import ipaddr from 'ipaddr.js';
import type { Database } from './lmdbLayout.ts';

interface StoredClient {
  readonly callbackHosts?: readonly string[];
  readonly callbackCidrs?: readonly string[];
}

export function allowListedAddresses(database: Database): void {
  const range = { start: ['document', 'serviceClient'], end: ['document', 'serviceClient', '\uffff'] };
  for (const key of [...database.getKeys(range)]) {
    const client = database.get(key) as StoredClient;
    const callbackCidrs = [...new Set((client.callbackHosts ?? []).flatMap(blocksOf))];
    if (client.callbackCidrs === undefined && callbackCidrs.length > 0)
      database.putSync(key, { ...client, callbackCidrs });
  }
}

/** @param entry host, perhaps with a port */
function blocksOf(entry: string): string[] {
  if (!URL.canParse(`http://${entry}`)) return [];
  const host = new URL(`http://${entry}`).hostname.replace(/^\[(.*)\]$/, '$1');
  if (host === 'localhost') return ['127.0.0.0/8', '::1/128'];
  if (!ipaddr.isValid(host)) return [];
  const address = ipaddr.parse(host);
  return [`${address.toString()}/${address.kind() === 'ipv4' ? 32 : 128}`];
}
