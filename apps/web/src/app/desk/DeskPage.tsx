'use client';
import { Alert, SegmentedControl } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { SignedInPerson } from '../../auth/verifySignIn.ts';
import type { Availability } from '../../desk/deskState.ts';
import { chatsOf, ringingNow } from '../../desk/deskView.ts';
import { unreadIn } from '../../desk/transcript.ts';
import { PageFrame } from '../PageFrame.tsx';
import { useNow } from '../useNow.ts';
import { ChatList, type Selection } from './ChatList.tsx';
import { ChatView } from './ChatView.tsx';
import { ConnectionBanner } from './ConnectionBanner.tsx';
import classes from './desk.module.css';
import { EarlierSession } from './EarlierSession.tsx';
import { EmptyDesk } from './EmptyDesk.tsx';
import { RingPanel } from './RingPanel.tsx';
import { UnsentNotice } from './UnsentNotice.tsx';
import { useDesk, useDeskState } from './useDesk.ts';
import { VisitorInfo } from './VisitorInfo.tsx';

/** Everything an agent works with: who rings, the chats, the one that is open, and whether it all is connected. */
export function DeskPage({ person }: { person: SignedInPerson }) {
  const desk = useDesk(person.sipUri);
  const state = useDeskState(desk);
  const now = useNow();
  const [selection, setSelection] = useState<Selection>();

  const chats = chatsOf(state);
  const ringing = ringingNow(state, now);
  const chosen = selection?.kind === 'chat' ? chats.find(({ href }) => href === selection.href) : undefined;
  const isChatWanted = selection === undefined || selection.kind === 'chat';
  const selected = chosen ?? (isChatWanted ? chats.find(({ stage }) => stage !== 'ended') : undefined);
  const shownHref = selected?.href;
  // What is shown by itself is chosen from then on: a chat that ends stays open until it is closed.
  useEffect(() => {
    if (shownHref !== undefined) setSelection({ kind: 'chat', href: shownHref });
  }, [shownHref]);
  const earlier = selection?.kind === 'earlier' ? selection.id : undefined;
  const unread = chats.reduce((sum, chat) => sum + unreadIn(chat), 0);
  const caller = ringing[0];
  useTitle(
    caller ? `☎ ${caller.visitorName}: ${caller.firstWords}` : unread > 0 ? `(${unread}) Desk · Bridgedesk` : undefined,
  );

  return (
    <PageFrame
      person={person}
      {...(desk ? { onLeave: desk.leave } : {})}
      tools={
        <SegmentedControl
          size="xs"
          aria-label="Availability"
          value={state.availability}
          onChange={(value) => desk?.setAvailability(value as Availability)}
          data={[
            { value: 'available', label: 'Available' },
            { value: 'away', label: 'Away' },
          ]}
        />
      }
    >
      <div className={classes.page}>
        {desk && <ConnectionBanner desk={desk} state={state} />}
        {desk && state.notice !== undefined && (
          <Alert color="orange" withCloseButton onClose={desk.dismissNotice} role="alert" radius={0} py={8}>
            {state.notice}
          </Alert>
        )}
        {desk && <UnsentNotice unsent={state.unsent} onDismiss={desk.dismissUnsent} />}
        {desk && (
          <RingPanel
            desk={desk}
            ringing={ringing}
            now={now}
            onAccept={({ conversationHref }) => {
              if (conversationHref !== undefined) setSelection({ kind: 'chat', href: conversationHref });
            }}
          />
        )}
        <div className={classes.columns} data-selected={selected !== undefined || earlier !== undefined || undefined}>
          <ChatList
            chats={chats}
            selection={selected ? { kind: 'chat', href: selected.href } : selection}
            now={now}
            onSelect={setSelection}
          />
          {desk && selected ? (
            <>
              <ChatView
                key={selected.href}
                desk={desk}
                chat={selected}
                outbox={state.outbox}
                now={now}
                onBack={() => setSelection({ kind: 'none' })}
              />
              <VisitorInfo chat={selected} now={now} />
            </>
          ) : earlier !== undefined ? (
            <EarlierSession id={earlier} />
          ) : (
            <EmptyDesk state={state} />
          )}
        </div>
      </div>
    </PageFrame>
  );
}

/** The tab's title says what needs attention; without that it is the page's own again. */
function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title ?? 'Desk · Bridgedesk';
  }, [title]);
}
