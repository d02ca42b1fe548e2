import type { AnonymousClient } from '@repo/ucwa-client/anonymousClient';
import type { Send } from '@repo/ucwa-client/request';
import { type ChatState, ended, type Grant } from './chatState.ts';
import { close } from './close.ts';
import { createSession } from './createSession.ts';
import { discover } from './discover.ts';
import type { Step, VisitorStep } from './nextStep.ts';
import { accepted } from './outbox.ts';
import { refresh } from './refresh.ts';
import { requestToken } from './requestToken.ts';
import { sendMessage } from './sendMessage.ts';
import { type Page, sendMessagingInvitation } from './sendMessagingInvitation.ts';

export interface StepPorts {
  /** To the service application. */
  readonly send: Send;
  /** To the platform, as the visitor to whom this was granted. */
  readonly clientOf: (grant: Grant) => AnonymousClient;
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
  if (step.name === 'requestToken') {
    const grant = await requestToken(ports.send, ports.helpdesk);
    return (now) => ({ ...now, grant });
  }
  if (step.name === 'close') {
    // Without a grant the platform has not heard of the visitor yet.
    if (state.grant) await close(ports.clientOf(state.grant), state);
    return (now) => ended(now, 'endedByVisitor');
  }
  return performVisitorStep(step, ports.clientOf(step.grant), ports.page);
}

async function performVisitorStep(step: VisitorStep, client: AnonymousClient, page: Page): Promise<Edit> {
  switch (step.name) {
    case 'discover': {
      const anonApplicationsHref = await discover(client);
      return (now) => ({ ...now, anonApplicationsHref });
    }
    case 'createSession': {
      const visitor = { name: step.visitorName, locale: page.locale };
      const application = await createSession(client, step.anonApplicationsHref, visitor);
      return (now) => ({ ...now, application });
    }
    case 'sendMessagingInvitation': {
      const { application, invitation, grant, firstWords } = step;
      const input = { ...invitation, helpdeskUri: grant.helpdeskUri, firstWords, page };
      const href = await sendMessagingInvitation(client, application, input);
      const sent = { ...invitation, ...(href === undefined ? {} : { href }) };
      return (now) => ({ ...now, invitation: sent, phase: now.phase === 'starting' ? 'ringing' : now.phase });
    }
    case 'sendMessage': {
      const href = await sendMessage(client, step.messaging, step);
      return (now) => accepted(now, step.operationId, href);
    }
    case 'refresh': {
      const messaging = await refresh(client, step.conversationHref);
      return (now) => ({ ...now, stale: false, ...(messaging ? { messaging } : {}) });
    }
  }
}
