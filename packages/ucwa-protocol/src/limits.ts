/** Limits of the wire (reference/service-api.md 0, reference/ucwa-api.md 2). Lengths in characters, sizes in bytes. */
export const limits = {
  operationId: 50,
  subject: 250,
  threadId: 250,
  anonymousDisplayName: 250,
  displayName: 250,
  userAgent: 100,
  culture: 100,
  endpointId: 100,
  instanceId: 100,
  messageBytes: 64 * 1024,
} as const;
