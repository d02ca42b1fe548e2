/**
 * The one file that a page loads: `<script type="module" src="…/widget/v1.js" data-helpdesk="contoso"></script>`.
 * It shows the button and waits. Nothing is fetched or stored before the visitor's first action, unless this tab
 * already has a live chat: then the chat comes back by itself after a reload.
 */
import { defineLauncher, type LoadChat } from './launcher/launcherElement.ts';

const loadChat: LoadChat = () => import('./chat.tsx');

/** Module scripts have no `document.currentScript`; this one is told from others by its address. */
function ownScript(): HTMLScriptElement | undefined {
  const scripts = document.querySelectorAll<HTMLScriptElement>('script[data-helpdesk]');
  return [...scripts].find((script) => script.src === import.meta.url);
}

function hasLiveChat(storageKey: string): boolean {
  try {
    const saved = sessionStorage.getItem(storageKey);
    return saved !== null && (JSON.parse(saved) as { live?: boolean }).live === true;
  } catch {
    return false;
  }
}

function start(): void {
  const helpdesk = ownScript()?.dataset.helpdesk;
  if (!helpdesk) return;
  const storageKey = `bridgedesk:${helpdesk}`;
  const launcher = defineLauncher({ helpdesk, storageKey, webOrigin: new URL(import.meta.url).origin, loadChat });
  document.body.append(launcher.element);
  if (hasLiveChat(storageKey)) launcher.resume();
}

if (document.body) start();
else document.addEventListener('DOMContentLoaded', start, { once: true });
