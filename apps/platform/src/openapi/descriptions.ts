/** Every description, by the keys of describe.ts. A route without one makes openapi.test.ts fail. */
import type { Descriptions } from './describe.ts';
import { inCalls } from './routes/calls.ts';
import { inConversations } from './routes/conversations.ts';
import { inManagement } from './routes/management.ts';
import { forOperations } from './routes/operations.ts';
import { ofService } from './routes/service.ts';
import { ofUcwa } from './routes/ucwa.ts';

export const descriptions: Descriptions = {
  ...forOperations,
  ...inManagement,
  ...ofService,
  ...ofUcwa,
  ...inCalls,
  ...inConversations,
};
