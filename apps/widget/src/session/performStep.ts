import type { Send } from '@repo/ucwa-client/request';
import { type ChatState, ended } from './chatState.ts';
import { close } from './close.ts';
import { createSession } from './createSession.ts';
import { discover } from './discover.ts';
import type { Step } from './nextStep.ts';
import { accepted } from './outbox.ts';
import { refresh } from './refresh.ts';
import { requestToken } from './requestToken.ts';
import { sendMessage } from './sendMessage.ts';
import { type Page, sendMessagingInvitation } from './sendMessagingInvitation.ts';

export interface StepPorts {
  /** Without Authorization: the service application, and discover, which needs no preflight then. */
  readonly openSend: Send;
  /** With the visitor's token. */
  readonly tokenSend: Send;
  readonly helpdesk: string;
  readonly page: Page;
}

export type Edit = (state: ChatState) => ChatState;

/**
 * Makes the request of one step.
 * @returns what its answer changes, to be applied to the state as it is then: events may have come first
 * @throws UcwaError, ConnectionError, LinkNotAvailableError
 */
export async function performStep(step: Step, state: ChatState, ports: StepPorts): Promise<Edit> {
  const { openSend, tokenSend, helpdesk, page } = ports;
  switch (step.name) {
    case 'requestToken': {
      const grant = await requestToken(openSend, helpdesk);
      return (now) => ({ ...now, grant });
    }
    case 'discover': {
      const anonApplicationsHref = await discover(openSend, step.discoverHref);
      return (now) => ({ ...now, anonApplicationsHref });
    }
    case 'createSession': {
      const visitor = { name: step.visitorName, locale: page.locale };
      const application = await createSession(tokenSend, step.anonApplicationsHref, visitor);
      return (now) => ({ ...now, application });
    }
    case 'sendMessagingInvitation': {
      const { application, invitation, helpdeskUri, firstWords } = step;
      const input = { ...invitation, helpdeskUri, firstWords, page };
      const href = await sendMessagingInvitation(tokenSend, application, input);
      const sent = { ...invitation, ...(href === undefined ? {} : { href }) };
      return (now) => ({ ...now, invitation: sent, phase: now.phase === 'starting' ? 'ringing' : now.phase });
    }
    case 'sendMessage': {
      const href = await sendMessage(tokenSend, step.messaging, step);
      return (now) => accepted(now, step.operationId, href);
    }
    case 'refresh': {
      const messaging = await refresh(tokenSend, step.conversationHref);
      return (now) => ({ ...now, stale: false, ...(messaging ? { messaging } : {}) });
    }
    case 'close':
      await close(tokenSend, state);
      return (now) => ended(now, 'endedByVisitor');
  }
}
