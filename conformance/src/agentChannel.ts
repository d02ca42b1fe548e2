/** A person with an event channel that is read all the time. */
import { type EventChannel, openEventChannel } from './eventChannel.ts';
import type { Occurrence } from './eventLog.ts';
import { hrefOf } from './hal.ts';
import { type PersonWish, type SignedIn, signInPerson } from './people.ts';
import type { Story } from './story.ts';

export interface Person extends SignedIn {
  readonly uri: string;
  readonly channel: EventChannel;
  close(): Promise<void>;
}

export async function openChannel(story: Story, uri: string, wish: PersonWish = {}): Promise<Person> {
  const signedIn = await signInPerson(story, uri, wish);
  const { caller, eventsUrl, application } = signedIn;
  const channel = openEventChannel({ name: uri, eventsUrl, token: String(caller.token), headers: caller.headers });
  return {
    ...signedIn,
    uri,
    channel,
    close: async () => {
      await channel.stop();
      await caller.send('DELETE', hrefOf(application, 'self'));
    },
  };
}

/** Events of one's own operation. */
export const concernsOwn =
  (operationId: string) =>
  ({ resource }: Occurrence): boolean =>
    resource.operationId === operationId;
