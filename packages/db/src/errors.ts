/** The database refused or failed. `code` names which of our own rules was broken, when one was. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly code: string;
  readonly retryable: boolean;

  constructor(message: string, options: { code?: string; retryable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.code = options.code ?? 'DatabaseFailure';
    this.retryable = options.retryable;
  }
}
