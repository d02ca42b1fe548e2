/** Brings the data of earlier releases to the current format, in one LMDB transaction: a start that is killed has changed nothing. */
import { keepEventsAsText } from './eventTexts.ts';
import { checkFormat, currentFormat } from './format.ts';
import { allowListedAddresses } from './listedAddresses.ts';
import type { Database } from './lmdbLayout.ts';

/** Turns format `from` into the next one. Runs inside the transaction, so it uses the synchronous operations only. */
export interface Migration {
  readonly from: number;
  run(database: Database): void;
}

const formatKey = ['format'];

/** One for every earlier format. */
const migrations: readonly Migration[] = [
  {
    from: 1,
    run: (database) => {
      keepEventsAsText(database);
      allowListedAddresses(database);
    },
  },
];

/**
 * To be called before anything else touches the data. New data only gets the version.
 * @returns the format that was found, undefined when there was no data
 * @throws StoreFormatError when a newer release has written it
 */
export function migrate(database: Database, steps: readonly Migration[] = migrations): number | undefined {
  const found = formatOf(database);
  if (found !== undefined) checkFormat(found);
  if (found === currentFormat) return found;
  database.transactionSync(() => {
    for (let format = found ?? currentFormat; format < currentFormat; format += 1) {
      const step = steps.find(({ from }) => from === format);
      if (step === undefined) throw new Error(`Nothing migrates format ${format}`);
      step.run(database);
    }
    database.putSync(formatKey, currentFormat);
  });
  return found;
}

/** @returns undefined when there is no data; 1 for data without a version */
export function formatOf(database: Database): unknown {
  const stored = database.get(formatKey);
  if (stored !== undefined) return stored;
  return database.getKeysCount({ limit: 1 }) === 0 ? undefined : 1;
}
