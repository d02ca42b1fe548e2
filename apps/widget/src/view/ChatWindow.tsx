import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isLive } from '../session/chatState.ts';
import type { Controller, Look } from '../session/controller.ts';
import { Announcer } from './Announcer.tsx';
import { Composer } from './Composer.tsx';
import { ConnectionBanner } from './ConnectionBanner.tsx';
import { EndConfirmation } from './EndConfirmation.tsx';
import { EndedNotice } from './EndedNotice.tsx';
import { Header } from './Header.tsx';
import { MessageList } from './MessageList.tsx';
import { PreChatForm } from './PreChatForm.tsx';
import { TypingIndicator } from './TypingIndicator.tsx';
import { texts } from './texts.ts';

export interface ChatWindowProps {
  readonly controller: Controller;
  /** The panel was hidden from within: the focus has to go somewhere. */
  onHidden(): void;
}

/** The panel: what it shows follows from the phase of the chat; it also keeps the focus where the visitor is. */
export function ChatWindow({ controller, onHidden }: ChatWindowProps) {
  const { state, connection } = useLook(controller);
  const [asking, setAsking] = useState(false);
  const panel = useRef<HTMLElement>(null);
  const hasFocus = useRef(false);
  const open = state.panel === 'open';
  const wasOpen = useRef(open);
  const live = isLive(state);
  const title = state.grant?.displayName || texts.title;

  const hide = (): void => {
    controller.showPanel('hidden');
    onHidden();
  };

  // Opening, and a part that takes its focused element away with it, both leave the focus to us. A panel that comes
  // back open after a reload does not take it from the page.
  useEffect(() => {
    if (open && !wasOpen.current) focusFirst(panel.current);
    wasOpen.current = open;
  }, [open]);
  useEffect(() => {
    if (open && hasFocus.current) focusFirst(panel.current);
    if (!live) setAsking(false);
  }, [state.phase, asking]);

  return (
    <section
      ref={panel}
      class="panel"
      role="dialog"
      aria-label={title}
      data-phase={state.phase}
      data-connection={connection}
      hidden={!open}
      onFocusIn={() => {
        hasFocus.current = true;
      }}
      onFocusOut={(event) => {
        const next = event.relatedTarget;
        hasFocus.current = next === null ? hasFocus.current && document.hasFocus() : contains(panel.current, next);
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.isComposing) return;
        event.stopPropagation();
        if (asking) setAsking(false);
        else hide();
      }}
    >
      <div class="content" inert={asking && live}>
        <Header title={title} state={state} onHide={hide} onEnd={live ? () => setAsking(true) : undefined} />
        <ConnectionBanner connection={connection} onRetry={controller.retryNow} />
        {state.phase === 'form' ? (
          <PreChatForm
            name={state.visitorName}
            draft={state.draft}
            onName={controller.setName}
            onDraft={controller.setDraft}
            onStart={controller.start}
          />
        ) : (
          <>
            <MessageList state={state} onResend={controller.resend} />
            <TypingIndicator typing={connection === 'fine' ? state.typing : []} />
            {state.outcome !== undefined && state.phase === 'ended' && (
              <EndedNotice outcome={state.outcome} onNewChat={controller.newChat} />
            )}
            {live && (
              <Composer
                draft={state.draft}
                disabled={state.closing}
                onDraft={controller.setDraft}
                onSend={controller.send}
              />
            )}
          </>
        )}
      </div>
      {asking && live && (
        <EndConfirmation
          onConfirm={() => {
            setAsking(false);
            controller.end();
          }}
          onCancel={() => setAsking(false)}
        />
      )}
      <Announcer messages={state.messages} />
    </section>
  );
}

function useLook(controller: Controller): Look {
  const [look, setLook] = useState(controller.look());
  // Layout effect: what happens between the first drawing and an ordinary effect must not be missed.
  useLayoutEffect(() => {
    const refresh = (): void => setLook(controller.look());
    refresh();
    return controller.subscribe(refresh);
  }, [controller]);
  return look;
}

/** The part that is for the visitor now names itself with `data-focus`; the last one in the document is on top. */
function focusFirst(panel: HTMLElement | null): void {
  const wanted = panel?.querySelectorAll<HTMLElement>('[data-focus]');
  wanted?.[wanted.length - 1]?.focus();
}

function contains(panel: HTMLElement | null, target: EventTarget): boolean {
  return target instanceof Node && panel?.contains(target) === true;
}
