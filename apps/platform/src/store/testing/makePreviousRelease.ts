/**
 * Makes the data of testing/previousRelease: plays a bridged call on the built server of an earlier release, kills it, and keeps
 * what it left behind together with what the parties had been told.
 *
 * Usage: tsx makePreviousRelease.ts <server.mjs of the earlier release>
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { wordOf } from '@repo/ucwa-protocol/rels';
import { bridgeCall, setUpTenant } from '../../testing/bridgedCall.ts';
import { startCallbackReceiver } from '../../testing/callbackReceiver.ts';
import { startPlatformProcess } from '../../testing/platformProcess.ts';
import type { PreviousStory } from './previousRelease.ts';

const script = process.argv[2];
if (script === undefined) throw new Error('The path of the server is missing');
const operatorToken = 'operator-token-of-the-previous-release';
const publicUrl = 'http://platform.example';
const dataDir = mkdtempSync(join(tmpdir(), 'bridgedesk-previous-'));
const receiver = await startCallbackReceiver(() => 'hds_0123456789abcdef');
const platform = await startPlatformProcess(script, {
  DATA_DIR: dataDir,
  OPERATOR_TOKEN: operatorToken,
  PLATFORM_URL: publicUrl,
});
const { origin } = platform;

await setUpTenant(origin, operatorToken, receiver);
const call = await bridgeCall(origin, receiver, 'previous');
const { visitor, agent } = call;
const say = async ({ actor, sendHref }: typeof visitor, text: string): Promise<void> => {
  const { status } = await actor.say(sendHref, text);
  if (status !== 201) throw new Error(`"${text}" was answered ${status}`);
};
await say(visitor, 'Where is my parcel?');
const repeatedHref = `${agent.sendHref}?operationId=previous-say`;
const repeated = await agent.actor.say(repeatedHref, 'On its way');
const heard = await receiver.event('message', (told) => JSON.stringify(told.event).includes('On+its+way'));
if (wordOf(heard.event.link.rel) !== 'message') throw new Error('The SA was not told');

// A batch that the visitor has got and not acknowledged, then the SA goes away, and news piles up for everybody.
const replay = await fetch(new URL(visitor.eventsHref, origin), {
  headers: { Authorization: `Bearer ${visitor.token}` },
});
const replayText = await replay.text();
await receiver.close();
await say(agent, 'Tomorrow at noon');
await say(visitor, 'Thank you');
await platform.line((line) => line.includes('"outcome":"failed"'));
await platform.stop('SIGKILL');

const story: PreviousStory = {
  at: Date.now(),
  publicUrl,
  operatorToken,
  serviceToken: call.serviceToken,
  visitorToken: visitor.token,
  agentToken: agent.token,
  visitorSendHref: visitor.sendHref,
  agentSendHref: agent.sendHref,
  agentEventsHref: agent.eventsHref,
  replay: { href: visitor.eventsHref, text: replayText },
  repeated: { href: repeatedHref, text: 'On its way', location: repeated.headers.get('location') ?? '' },
  c1Href: call.c1Href,
  c2Href: call.c2Href,
};
const folder = join(import.meta.dirname, 'previousRelease');
writeFileSync(join(folder, 'story.json'), `${JSON.stringify(story, null, 2)}\n`);
writeFileSync(join(folder, 'signingKey.json.gz'), gzipSync(readFileSync(join(dataDir, 'signingKey.json'))));
writeFileSync(join(folder, 'data.mdb.gz'), gzipSync(readFileSync(join(dataDir, 'store/data.mdb')), { level: 9 }));
rmSync(dataDir, { recursive: true });
