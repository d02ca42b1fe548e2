/** What an earlier release left on the disk in the middle of a call (testing/previousRelease/README.md). */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** What the parties of that call knew when the platform was killed. */
export interface PreviousStory {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly publicUrl: string;
  readonly operatorToken: string;
  readonly serviceToken: string;
  readonly visitorToken: string;
  readonly agentToken: string;
  readonly visitorSendHref: string;
  readonly agentSendHref: string;
  readonly agentEventsHref: string;
  /** The batch that the visitor had got and not acknowledged. */
  readonly replay: { readonly href: string; readonly text: string };
  /** An operation of the agent and its answer. */
  readonly repeated: { readonly href: string; readonly text: string; readonly location: string };
  readonly c1Href: string;
  readonly c2Href: string;
}

const kept = join(import.meta.dirname, 'previousRelease');

/** Lays the data out in an empty folder, as the earlier release had it in its DATA_DIR. */
export function unpackPreviousRelease(folder: string): PreviousStory {
  const store = join(folder, 'store');
  mkdirSync(store, { recursive: true });
  writeFileSync(join(store, 'data.mdb'), unzipped('data.mdb.gz'));
  writeFileSync(join(folder, 'signingKey.json'), unzipped('signingKey.json.gz'), { mode: 0o600 });
  return JSON.parse(readFileSync(join(kept, 'story.json'), 'utf8')) as PreviousStory;
}

const unzipped = (name: string): Buffer => gunzipSync(readFileSync(join(kept, name)));
