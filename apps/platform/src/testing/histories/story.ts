/** One history under way: the scene, what the SAs wish, what was said, and everything that was found wrong after each deed. */
import { wireEventOf } from '../../model/channel.ts';
import type { Conversation, Invitation, Message } from '../../model/documents.ts';
import { sendMessage } from '../../model/message.ts';
import type { World } from '../../model/world.ts';
import { illegalChange } from './legalChanges.ts';
import { Grants, readersOf, Wishes } from './mayRead.ts';
import { type Appended, channelOf, openScene, people, type Scene } from './scene.ts';
import { contradictions } from './soundState.ts';

/** Every text that is said, so that it is found wherever it stands. */
const textPattern = /zq\d+x/g;

export class Story {
  readonly scene: Scene;
  readonly wishes = new Wishes();
  readonly wrong: string[] = [];
  readonly #grants = new Grants();
  readonly #firstTexts = new Map<string, string>();
  readonly #stamps = new Map<string, { number: number; timeStamp: number }>();
  readonly #stampOfText = new Map<string, number>();
  #texts = 0;

  constructor(scene: Scene) {
    this.scene = scene;
  }

  /** A text that was never said. */
  newText(): string {
    this.#texts += 1;
    return `zq${this.#texts}x`;
  }

  /**
   * Decides, and holds what was done against every rule.
   * @param stranger whether the caller has no right to it, so that it has to be refused
   * @param then what is to be known before the rules are asked
   */
  async act<T>(
    name: string,
    decide: (world: World) => T,
    stranger = false,
    then: (answer: T) => void = () => undefined,
  ): Promise<T | undefined> {
    const count = this.scene.deeds.length;
    const answer = await this.scene.act(name, decide);
    if (answer !== undefined) then(answer);
    if (stranger && answer !== undefined) this.wrong.push(`${name}: a stranger was let in`);
    this.#look(count);
    return answer;
  }

  async pass(ms: number): Promise<void> {
    const count = this.scene.deeds.length;
    await this.scene.pass(ms);
    this.#look(count);
  }

  /** Says something, and compares who was told with who may be told. */
  async say(
    conversation: Conversation,
    contentType: 'text/plain' | 'text/html',
    owner = conversation.owner,
  ): Promise<void> {
    const text = this.newText();
    const allowed = readersOf(this.scene, this.wishes, conversation.id);
    this.#grants.allow(this.scene, text, allowed);
    const sent = await this.scene.act('send', (world) =>
      sendMessage(world, owner, conversation.id, { contentType, text }),
    );
    const isStranger = JSON.stringify(owner) !== JSON.stringify(conversation.owner);
    if (isStranger && sent !== undefined) this.wrong.push('send: a stranger was let in');
    if (sent !== undefined) this.#compare(text, allowed);
    this.onlyReadersWereTold(allowed);
    this.#look(this.scene.deeds.length - 1);
  }

  /** The last deed told no visitor anything who may not read. */
  onlyReadersWereTold(readers: ReadonlySet<string>): void {
    const channels = new Set(
      [...readers].map((id) => this.scene.get('conversation', id)).map((one) => one && channelOf(one)),
    );
    for (const { channelId, event } of this.scene.deeds.at(-1)?.appended ?? []) {
      if (this.#isVisitors(channelId) && !channels.has(channelId))
        this.wrong.push(
          `${channelId} was told ${wireEventOf(event).link.rel} ${wireEventOf(event).type} of somebody it may not hear`,
        );
    }
  }

  /** A text that goes along with a call: both sides may read it at once, the meeting when the call comes up. */
  expectFirstText(invitationId: string, text: string | undefined): void {
    const invitation = this.scene.get('invitation', invitationId);
    if (invitation === undefined || text === undefined) return;
    this.#firstTexts.set(invitationId, text);
    const called = invitation.counterpartIds.map((id) => this.scene.get('invitation', id)?.conversationId ?? '');
    this.#grants.allow(this.scene, text, [invitation.conversationId, ...called]);
  }

  #look(from: number): void {
    for (const deed of this.scene.deeds.slice(from)) {
      for (const write of deed.writes) {
        const problem = illegalChange(write);
        if (problem !== undefined) this.wrong.push(`${deed.name}: ${problem}`);
        if (write.kind === 'message' && write.after !== undefined) this.#noteStamp(write.after as Message);
        const [was, is] = [write.before as Invitation | undefined, write.after as Invitation | undefined];
        if (write.kind === 'invitation' && was?.state === 'Connecting' && is?.state === 'Connected')
          this.#firstText(is);
      }
      for (const appended of deed.appended) this.#checkTexts(deed.name, appended);
    }
    this.wrong.push(...contradictions(this.scene));
  }

  /** The text that came along is said to those who may hear the caller now. */
  #firstText({ id, conversationId }: Invitation): void {
    const text = this.#firstTexts.get(id);
    if (text === undefined) return;
    this.#firstTexts.delete(id);
    const readers = readersOf(this.scene, this.wishes, conversationId);
    this.#grants.allow(this.scene, text, readers);
    // A person who is called directly has read it in the invitation.
    if (this.#shown(text).size > 0) this.#compare(text, readers);
  }

  #compare(text: string, allowed: ReadonlySet<string>): void {
    const shown = [...this.#shown(text)].toSorted();
    const expected = [...allowed].toSorted();
    if (JSON.stringify(shown) !== JSON.stringify(expected))
      this.wrong.push(`${text} is shown in ${shown.join()}; it may be read in ${expected.join()}`);
  }

  /** Conversations into which the last deed wrote the text. */
  #shown(text: string): Set<string> {
    const messages = (this.scene.deeds.at(-1)?.writes ?? [])
      .filter(({ kind, after }) => kind === 'message' && after !== undefined)
      .map(({ after }) => after as Message);
    return new Set(messages.filter((message) => message.text.includes(text)).map((message) => message.conversationId));
  }

  /** One order for everybody: later messages of a view are stamped later, and a text has one stamp on every view. */
  #noteStamp({ conversationId, number, timeStamp, text }: Message): void {
    const last = this.#stamps.get(conversationId);
    if (last !== undefined && number > last.number && timeStamp <= last.timeStamp)
      this.wrong.push(`${conversationId}: message ${number} is not later than ${last.number}`);
    if (number >= (last?.number ?? 0)) this.#stamps.set(conversationId, { number, timeStamp });
    const known = this.#stampOfText.get(text) ?? timeStamp;
    if (known !== timeStamp) this.wrong.push(`${text} has two time stamps`);
    this.#stampOfText.set(text, known);
  }

  #checkTexts(deed: string, { channelId, event }: Appended): void {
    const json = event.text;
    for (const [text] of json.matchAll(textPattern)) {
      if (!this.#grants.isAllowed(text, channelId)) this.wrong.push(`${deed}: ${channelId} shows ${text}`);
    }
    if (!this.#isVisitors(channelId)) return;
    for (const secret of this.#secretsBefore(channelId)) {
      if (json.includes(secret)) this.wrong.push(`${deed}: ${channelId} shows ${secret}`);
    }
  }

  #isVisitors(channelId: string): boolean {
    // A guest is in the meeting himself and sees who else is; only what is said elsewhere is kept from him.
    const application = this.scene.get('ucwaApplication', channelId.slice('ucwa:'.length));
    return application?.audience === 'anonymous' && application.meetingUri === undefined;
  }

  /** Names and addresses that no visitor may learn (reference/call-flow.md A3). */
  #secretsBefore(channelId: string): string[] {
    const visitors = this.scene.all('ucwaApplication').filter(({ audience }) => audience === 'anonymous');
    const own = visitors.find(({ id }) => `ucwa:${id}` === channelId);
    // Who came twice is one visitor with one name.
    const others = visitors.filter((one) => one.name !== own?.name);
    return [
      ...people.flatMap(({ uri, displayName }) => [uri.slice('sip:'.length), displayName]),
      ...others.flatMap(({ uri, name }) => [uri.slice('sip:'.length), name]),
      'app:conf',
      'Meeting Secretname',
    ];
  }
}

export const startStory = async (): Promise<Story> => new Story(await openScene());
