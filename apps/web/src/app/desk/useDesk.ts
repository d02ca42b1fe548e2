'use client';
import { systemClock } from '@repo/ucwa-client/clock';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { createDesk, type Desk } from '../../desk/createDesk.ts';
import { emptyDesk } from '../../desk/deskState.ts';
import { createDeskStorage } from '../../desk/deskStorage.ts';
import { useTRPCClient } from '../../trpc/TrpcProvider.tsx';
import { trpcDeskService } from './trpcDeskService.ts';

/** 64 random bits; crypto.randomUUID is missing on pages without https. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return `desk_${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** The desk of this page, running for as long as the page is shown. Undefined until the browser has taken over. */
export function useDesk(sipUri: string): Desk | undefined {
  const client = useTRPCClient();
  const [desk, setDesk] = useState<Desk>();
  useEffect(() => {
    const started = createDesk({
      service: trpcDeskService(client),
      clock: systemClock,
      fetch: (...request) => fetch(...request),
      storage: createDeskStorage(sipUri, window.sessionStorage, window.localStorage),
      newId,
    });
    started.start();
    setDesk(started);
    // A closed tab should not ring for the rest of its lease; a reload takes the desk up again at once.
    const leave = (): void => void started.leave();
    window.addEventListener('online', started.retryNow);
    window.addEventListener('pagehide', leave);
    return () => {
      window.removeEventListener('online', started.retryNow);
      window.removeEventListener('pagehide', leave);
      started.stop();
    };
  }, [client, sipUri]);
  return desk;
}

const nothing = (): (() => void) => () => {};

/** What the desk shows now; drawn anew whenever it changes. */
export function useDeskState(desk: Desk | undefined) {
  return useSyncExternalStore(
    desk?.subscribe ?? nothing,
    () => desk?.getState() ?? emptyDesk,
    () => emptyDesk,
  );
}
