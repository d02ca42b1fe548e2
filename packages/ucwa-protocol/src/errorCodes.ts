/** Error codes and the error body (reference/errors.md). */

/** Code of a synchronous error by its HTTP status. */
export const errorCodes = {
  400: 'BadRequest',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  408: 'ClientTimeout',
  409: 'Conflict',
  410: 'Gone',
  412: 'PreconditionFailed',
  413: 'EntityTooLarge',
  415: 'UnsupportedMediaType',
  428: 'PreconditionRequired',
  429: 'TooManyRequests',
  500: 'ServiceFailure',
  503: 'ServiceUnavailable',
  504: 'Timeout',
} as const;

/** Codes that only occur as the `reason` of an event (reference/errors.md 4). */
export const reasonCodes = ['LocalFailure', 'RemoteFailure', 'Informational'] as const;

export const errorSubcodes = [
  'AlreadyExists',
  'AnonymousNotAllowed',
  'AnotherOperationPending',
  'APIVersionNotSupported',
  'ApplicationNotFound',
  'CallTerminated',
  'CallbackUriUnreachable',
  'Canceled',
  'ConnectedElsewhere',
  'ConversationNotFound',
  'Declined',
  'DeserializationFailure',
  'DestinationNotFound',
  'DoNotDisturb',
  'Ejected',
  'Ended',
  'InactiveApplicationExpired',
  'MakeMeAvailableRequired',
  'Missed',
  'NotAllowed',
  'ParameterValidationFailure',
  'PGetReplaced',
  'ThreadIdAlreadyExists',
  'Timeout',
  'TooManyApplications',
  'TooManyConversations',
  'TooManyOnlineMeetings',
  'TooManyParticipants',
  'Unreachable',
] as const;

export type ErrorStatus = keyof typeof errorCodes;
export type ErrorCode = (typeof errorCodes)[ErrorStatus] | (typeof reasonCodes)[number];
export type ErrorSubcode = (typeof errorSubcodes)[number];

/** The body of a refused request and the `reason` of an event. */
export interface ErrorBody {
  readonly code: ErrorCode | (string & {});
  readonly subcode?: ErrorSubcode | (string & {});
  readonly message?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly debugInfo?: Readonly<Record<string, string>>;
}
