/** The button and the closed shadow root around everything of ours: the page can neither style it nor read it. */
import type { MountedChat, MountOptions } from '../chat.tsx';
import { element, icon } from './dom.ts';
import css from './launcher.css?inline';

export type LoadChat = () => Promise<{ mountChat(options: MountOptions): MountedChat }>;

export interface LauncherOptions {
  readonly helpdesk: string;
  readonly storageKey: string;
  readonly webOrigin: string;
  readonly loadChat: LoadChat;
}

export interface Launcher {
  readonly element: HTMLElement;
  /** Brings back a chat that this tab already had, in the state it was left: open or hidden. */
  resume(): void;
}

const tag = 'bridgedesk-chat';
const chatPath =
  'M4 5.5A2.5 2.5 0 0 1 6.5 3h11A2.5 2.5 0 0 1 20 5.5v8a2.5 2.5 0 0 1-2.5 2.5H11l-5 4.5V16A2 2 0 0 1 4 14z';
const downPath = 'M5.5 9 12 15.5 18.5 9';

/** Registers the element once and makes one launcher, not yet in the page. */
export function defineLauncher(options: LauncherOptions): Launcher {
  if (!customElements.get(tag)) customElements.define(tag, class extends HTMLElement {});
  const host = document.createElement(tag);
  host.dataset.bridgedesk = '';
  const root = host.attachShadow({ mode: 'closed' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];

  const badge = element('span', { class: 'badge', 'aria-hidden': 'true', hidden: '' });
  const button = element('button', { class: 'launcher', type: 'button', 'aria-expanded': 'false' });
  button.append(icon(chatPath, 'closed'), icon(downPath, 'opened'), badge);
  const notice = element('p', { class: 'notice', role: 'status' });
  const place = element('div', { class: 'place' });
  const frame = element('div', { class: 'root' });
  frame.append(place, notice, button);
  root.append(frame);

  let chat: MountedChat | undefined;
  let loading = false;

  function show(open: boolean, unread: number): void {
    button.setAttribute('aria-expanded', String(open));
    button.setAttribute('aria-label', labelOf(open, unread));
    badge.hidden = unread === 0;
    badge.textContent = unread > 9 ? '9+' : String(unread);
  }

  async function load(open: boolean): Promise<void> {
    if (loading) return;
    loading = true;
    button.classList.add('busy');
    notice.textContent = '';
    try {
      const { mountChat } = await options.loadChat();
      chat = mountChat({ ...options, root, place, onChange: show, focusLauncher: () => button.focus() });
      if (open) chat.open();
    } catch {
      notice.textContent = 'The chat cannot be loaded right now. Please try again.';
    } finally {
      loading = false;
      button.classList.remove('busy');
    }
  }

  button.addEventListener('click', () => {
    if (chat) chat.toggle();
    else void load(true);
  });
  show(false, 0);
  return { element: host, resume: () => void load(false) };
}

function labelOf(open: boolean, unread: number): string {
  if (open) return 'Hide chat';
  if (unread === 0) return 'Open chat';
  return `Open chat, ${unread} new ${unread === 1 ? 'message' : 'messages'}`;
}
