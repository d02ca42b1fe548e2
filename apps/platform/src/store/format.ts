/** The version of the stored data. Each release reads its own and migrates what earlier ones have left (docs/operations.md "Upgrade"). */

/** What this release writes. 1 = the release that kept no version yet. */
export const currentFormat = 2;

/** The data is not for this release. */
export class StoreFormatError extends Error {
  override readonly name = 'StoreFormatError';
  readonly code = 'StoreFormat';
  readonly retryable = false;
}

/** @throws StoreFormatError when a newer release has written the data */
export function checkFormat(found: unknown): asserts found is number {
  if (typeof found !== 'number' || !Number.isSafeInteger(found) || found < 1)
    throw new StoreFormatError(`The stored data has no readable format version (${String(found)})`);
  if (found > currentFormat) {
    throw new StoreFormatError(
      `The stored data has format ${found}, written by a newer release; this release reads formats up to ${currentFormat}. ` +
        'Start the newer release, or restore a backup that was made before the upgrade',
    );
  }
}
