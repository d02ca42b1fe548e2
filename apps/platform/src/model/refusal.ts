/** The typed refusal: how the model says no (reference/errors.md 3). */
import { type ErrorBody, type ErrorStatus, type ErrorSubcode, errorCodes } from '@repo/ucwa-protocol/errorCodes';

/** A request that the rules do not allow. Nothing of the decision that threw it is kept. */
export class RefusalError extends Error {
  readonly retryable = false;
  readonly status: ErrorStatus;
  readonly code: string;
  readonly subcode: ErrorSubcode | undefined;
  readonly parameters: Readonly<Record<string, string>> | undefined;

  constructor(status: ErrorStatus, subcode?: ErrorSubcode, message?: string, parameters?: Record<string, string>) {
    super(message ?? subcode ?? errorCodes[status]);
    this.name = 'RefusalError';
    this.status = status;
    this.code = errorCodes[status];
    this.subcode = subcode;
    this.parameters = parameters;
  }
}

/** @throws RefusalError always; 400 `ParameterValidationFailure` that names the offending input. */
export function refuseParameter(name: string, problem: string): never {
  throw new RefusalError(400, 'ParameterValidationFailure', `${name} is ${problem}`, { [name]: problem });
}

/** The `reason` of an event (reference/errors.md 4). */
export function reason(
  code: 'LocalFailure' | 'RemoteFailure' | 'Informational' | 'NotFound',
  subcode: ErrorSubcode,
): ErrorBody {
  return { code, subcode };
}
