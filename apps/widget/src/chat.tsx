/** What the loader imports on the visitor's first action: the session and its view, put into the launcher's root. */
import { systemClock } from '@repo/ucwa-client/clock';
import { render } from 'preact';
import { createController } from './session/controller.ts';
import { createStorage } from './session/storage.ts';
import { ChatWindow } from './view/ChatWindow.tsx';
import css from './view/chat.css?inline';

export interface MountOptions {
  readonly helpdesk: string;
  /** Name of the item of sessionStorage that holds this helpdesk's chat. */
  readonly storageKey: string;
  readonly webOrigin: string;
  readonly root: ShadowRoot;
  readonly place: HTMLElement;
  /** Called at once and whenever the panel or the number of unread messages changes. */
  onChange(open: boolean, unread: number): void;
  focusLauncher(): void;
}

export interface MountedChat {
  open(): void;
  toggle(): void;
}

/** Starts the session (which goes on with a saved chat, if there is one) and draws it. */
export function mountChat(options: MountOptions): MountedChat {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  options.root.adoptedStyleSheets = [...options.root.adoptedStyleSheets, sheet];

  const controller = createController({
    helpdesk: options.helpdesk,
    webOrigin: options.webOrigin,
    fetch: (...request) => fetch(...request),
    clock: systemClock,
    random: Math.random,
    newId,
    storage: createStorage(sessionStore(), options.storageKey),
    page: { href: location.href, title: document.title, locale: navigator.language },
  });
  const report = (): void => {
    const { panel, unread } = controller.look().state;
    options.onChange(panel === 'open', unread);
  };
  controller.subscribe(report);
  report();
  window.addEventListener('online', () => controller.retryNow());
  window.addEventListener('pagehide', () => controller.remember());
  render(<ChatWindow controller={controller} onHidden={options.focusLauncher} />, options.place);
  return {
    open: () => controller.showPanel('open'),
    toggle: () => controller.showPanel(controller.look().state.panel === 'open' ? 'hidden' : 'open'),
  };
}

/** 128 random bits; `crypto.randomUUID` is missing on pages without https. */
function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function sessionStore(): Storage | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}
