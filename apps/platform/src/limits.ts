/** Sizes that this server chooses; the wire's own are in @repo/ucwa-protocol/limits. */

/** Of any request body (reference/service-api.md 13). */
export const maxBodyBytes = 64 * 1024;

/** Events that wait for a UCWA application; one that lets more pile up is ended (reference/events.md 3). */
export const maxQueuedEvents = 1000;
