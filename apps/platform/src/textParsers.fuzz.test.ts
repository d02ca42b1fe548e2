/** The parsers by themselves: a value or a refusal for every text, what was written is read back, and no text takes them long. */
import { fromDataUri, toDataUri } from '@repo/ucwa-protocol/dataUri';
import { isSipUri, normalizeSipUri, participantPath, sipDomain } from '@repo/ucwa-protocol/sipUri';
import { fromWireDate, toWireDate } from '@repo/ucwa-protocol/wireDate';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeContext } from './auth/anonToken.ts';
import { normalizeOrigin, parseOrigins } from './auth/cors.ts';
import { parseBatch, writeBatch } from './batching.ts';
import { parseJson } from './deserialize.ts';
import { isRefusal } from './errors.ts';
import { isBrokenText } from './input.ts';
import { asPlainText } from './model/plainText.ts';
import { parseRelatedParts } from './multipart.ts';
import { oddTexts, wellFormed } from './testing/oddInputs.ts';
import { seeds } from './testing/seeds.ts';

const numRuns = 1_000;
const text = fc.oneof(oddTexts, fc.string({ unit: 'grapheme', maxLength: 300 })).map(wellFormed);

/** A value, or a refusal that is meant for the caller. */
function tried(parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    expect(isRefusal(error), String(error)).toBe(true);
  }
}

const parsers: Readonly<Record<string, (input: string) => unknown>> = {
  fromDataUri,
  isSipUri,
  normalizeSipUri,
  participantPath,
  sipDomain,
  fromWireDate,
  decodeContext,
  normalizeOrigin,
  parseOrigins,
  parseJson,
  isBrokenText,
  'a batch': (input) => parseBatch('multipart/batching; boundary=b', Buffer.from(input)),
  'a boundary of a batch': (input) => parseBatch(input, Buffer.from(`--b\r\n${input}\r\n--b--`)),
  'related parts': (input) => parseRelatedParts('multipart/related; boundary=b', Buffer.from(input)),
  'a boundary of related parts': (input) => parseRelatedParts(input, Buffer.from('--b\r\n\r\n{}\r\n--b--')),
  'HTML as text': (input) => asPlainText({ contentType: 'text/html', text: input }),
};

const tries = Object.entries(parsers).flatMap(([name, parse]) => seeds.map((seed) => [name, seed, parse] as const));

test.each(tries)('%s: a value or a refusal (seed %i)', (_name, seed, parse) => {
  fc.assert(
    fc.property(fc.oneof(text, fc.string({ unit: 'binary' })), (input) => tried(() => parse(input))),
    { seed, numRuns },
  );
});

/** Texts that make careless expressions go back and forth; as long as a body may be. */
const long = 64 * 1024;
const tiring = [
  'a',
  ' ',
  '\t',
  '\r\n',
  '\n\n',
  ';',
  ':',
  '=',
  '"',
  '%',
  '%25',
  '<',
  '<a ',
  '&',
  '&#',
  '--b',
  '--b\r\n',
  '{',
  '[',
  '@',
  'sip:',
  'psat=',
  '.',
  '-',
].flatMap((unit) =>
  [unit, `data:${unit}`, `sip:${unit}`, `boundary=${unit}`, `Bearer${unit}`].map(
    (start) => start + unit.repeat(long / unit.length),
  ),
);

test.each(Object.entries(parsers))('%s: no text takes long', (_name, parse) => {
  for (const input of tiring) {
    const start = performance.now();
    tried(() => parse(input));
    tried(() => parse(`${input}\0`));
    // Generous, because the machine may be busy; a quadratic expression would take minutes.
    expect(performance.now() - start, input.slice(0, 20)).toBeLessThan(2_000);
  }
});

test.each(seeds)('what is written as a data link is read back (seed %i)', (seed) => {
  fc.assert(
    fc.property(text, (content) => {
      const href = toDataUri('text/plain;charset=utf-8', content);
      expect(href).toMatch(/^data:text\/plain;charset=utf-8,[\x21-\x7e]*$/);
      expect(fromDataUri(href)).toEqual({ contentType: 'text/plain;charset=utf-8', text: content });
    }),
    { seed, numRuns },
  );
});

test.each(seeds)('a base64 data link is read as it was meant, or not at all (seed %i)', (seed) => {
  fc.assert(
    fc.property(text, (content) => {
      const href = `data:text/plain;base64,${Buffer.from(content).toString('base64')}`;
      expect(fromDataUri(href)?.text).toBe(content);
    }),
    { seed, numRuns },
  );
});

test.each(seeds)('a time that is written is read back, to the millisecond (seed %i)', (seed) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (time) => {
      expect(fromWireDate(toWireDate(time))).toBe(time);
    }),
    { seed, numRuns },
  );
});

test.each(seeds)('a part of a related body comes back as a data link of the same text (seed %i)', (seed) => {
  const content = text.filter((one) => !one.includes('--xyz') && !/[\r\n]/.test(one));
  fc.assert(
    fc.property(content, (one) => {
      const body = `--xyz\r\nContent-Type: application/json\r\n\r\n{"customContent":"cid:2"}\r\n--xyz\r\nContent-Type: text/plain\r\n\r\n${one}\r\n--xyz--`;
      const read = parseRelatedParts('multipart/related; boundary=xyz', Buffer.from(body)) as { customContent: string };
      expect(fromDataUri(read.customContent)?.text).toBe(one);
    }),
    { seed, numRuns },
  );
});

test.each(seeds)(
  'the answer of a batch has as many parts as there were requests, whatever is in them (seed %i)',
  (seed) => {
    const answer = fc.record({
      status: fc.constantFrom(200, 201, 204, 404),
      body: text,
      headers: fc.constant({ 'content-type': 'application/json' }),
    });
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 5 }), (answers) => {
        const written = writeBatch('0f8fad5b-d9cb-469f-a165-70867728950e', answers);
        expect(written.match(/HTTP\/1\.1/g)?.length ?? 0).toBe(answers.length);
        expect(written.endsWith('--0f8fad5b-d9cb-469f-a165-70867728950e--\r\n')).toBe(true);
      }),
      { seed, numRuns },
    );
  },
);
