/** The comparison with captured payloads as a check of a test; extra members become an annotation of it. */
import { expect, type TestContext } from 'vitest';
import type { Occurrence } from './eventLog.ts';
import { compareShape, sample, singleEvent } from './sampleShape.ts';

type Annotate = TestContext['annotate'];

/** @param name of the file in `samples/`, without `.json` */
export async function expectLikeSample(actual: unknown, name: string, annotate: Annotate): Promise<void> {
  const { missing, extra } = compareShape(actual, sample(name));
  if (extra.length > 0) await annotate(`${name}: beyond the captured payload: ${extra.join(', ')}`, 'notice');
  expect(missing, `compared with samples/${name}.json`).toEqual([]);
}

/** Compares one event together with its envelope. */
export async function expectEventLikeSample(occurrence: Occurrence, name: string, annotate: Annotate): Promise<void> {
  const { batch, sender, event } = occurrence;
  await expectLikeSample(singleEvent({ ...batch }, { ...sender }, event), name, annotate);
}
