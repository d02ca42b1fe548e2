// Writes docs/rels.md from the words of packages/ucwa-protocol and from relsGuide.mjs. `--print` shows the page instead.
import { readFileSync, writeFileSync } from 'node:fs';
import { events, meanings, resources } from './relsGuide.mjs';
import { root } from './run.mjs';

const page = `${root}/docs/rels.md`;
const faceNames = { S: 'the service side', U: 'UCWA' };
const ticked = (word) => `\`${word}\``;

/** The words of one constant of rels.ts, in their order. */
function wordsOf(name) {
  const source = readFileSync(`${root}/packages/ucwa-protocol/src/rels.ts`, 'utf8');
  const body = new RegExp(`export const ${name} = \\{([^}]*)\\}`).exec(source)?.[1] ?? '';
  return [...body.matchAll(/^\s*\w+: '(\w+)',/gm)].map(([, word]) => word);
}

/** `self, decline (while it rings)` as words with what stands in brackets behind them. */
function items(text = '') {
  return [...text.matchAll(/([^,()]+?)(?: \(([^)]*)\))?(?:, |$)/g)].map(([, word, when]) => ({
    word: word.trim(),
    when,
  }));
}

const written = (text) =>
  items(text)
    .map(({ word, when }) => (when === undefined ? ticked(word) : `${ticked(word)} (${when})`))
    .join(', ') || '–';

/** On which faces a word is used, and as what, read off the tables. */
function usesOf(word) {
  const uses = {
    link: new Set(),
    resource: new Set(),
    embedded: new Set(),
    event: new Set(),
    sender: new Set(),
    view: new Set(),
  };
  for (const face of ['S', 'U']) {
    for (const [resource, [links, embedded]] of Object.entries(resources[face])) {
      if (resource === word) uses.resource.add(face);
      if (items(links).some((item) => item.word === word)) uses.link.add(face);
      if (items(embedded).some((item) => item.word === word)) uses.embedded.add(face);
    }
    for (const [sender, about, view] of events[face]) {
      if (about === word) uses.event.add(face);
      if (sender === word) uses.sender.add(face);
      if (view === word) uses.view.add(face);
    }
  }
  return uses;
}

function wordRow(word) {
  if (meanings[word] === undefined) throw new Error(`scripts/relsGuide.mjs does not say what ${word} means`);
  const uses = Object.entries(usesOf(word)).filter(([, faces]) => faces.size > 0);
  const faces = ['S', 'U'].filter((face) => uses.some(([, on]) => on.has(face)));
  const kinds = uses.map(([kind]) => kind);
  return `| ${ticked(word)} | ${faces.join(', ') || '–'} | ${kinds.join(', ') || '–'} | ${meanings[word]} |`;
}

const wordTable = (words) =>
  ['| rel | face | kind | what it is |', '| --- | --- | --- | --- |', ...words.map(wordRow)].join('\n');

const resourceTable = (face) =>
  [
    '| resource | links | embedded |',
    '| --- | --- | --- |',
    ...Object.entries(resources[face]).map(
      ([resource, [links, embedded]]) => `| ${ticked(resource)} | ${written(links)} | ${written(embedded)} |`,
    ),
  ].join('\n');

const eventTable = (face) =>
  [
    '| sender | about | in | types |',
    '| --- | --- | --- | --- |',
    ...events[face].map(
      ([sender, about, view, types]) =>
        `| ${ticked(sender)} | ${ticked(about)} | ${view === '' ? '–' : ticked(view)} | ${written(types)} |`,
    ),
  ].join('\n');

function pageText() {
  const [prefixed, bare] = [wordsOf('rels'), wordsOf('bareRels')];
  const unknown = Object.keys(meanings).filter((word) => ![...prefixed, ...bare].includes(word));
  if (unknown.length > 0) throw new Error(`scripts/relsGuide.mjs explains words that are none: ${unknown.join()}`);
  return `# Rels: the words of the wire

Written by \`npm run rels\` from [\`packages/ucwa-protocol/src/rels.ts\`](../packages/ucwa-protocol/src/rels.ts) and
[\`scripts/relsGuide.mjs\`](../scripts/relsGuide.mjs); change those. \`conformance/src/rels.test.ts\` plays a whole call and holds the page against
what the server says: everything seen stands here, and what stands here without a condition was seen.

Faces: **S** is the service side (\`/platformservice\`, callbacks), **U** is UCWA (\`/ucwa\`, visitor and agent).
Kinds: _link_ is followed, _resource_ is the \`rel\` of a body, _embedded_ is a key of \`_embedded\`, _event_ is what an event is about,
_sender_ sends events, _view_ is a membership named by \`in\`. In brackets: when it is there. A link that is not there is not available now.

## Words with a prefix on the service side

On S they carry the prefix of the application (\`ms:rtc:saas:\` by default, \`service:\` as a setting) in \`rel\`, in \`_links\` and in
\`_embedded\` alike; on U they carry none. \`wordOf(rel)\` takes either prefix off.

${wordTable(prefixed)}

## Words without a prefix on either side

${wordTable(bare)}
${['S', 'U']
  .map(
    (face) =>
      `\n## Resources of ${faceNames[face]}\n\n${resourceTable(face)}\n\n## Events of ${faceNames[face]}\n\n${eventTable(face)}\n`,
  )
  .join('')}`;
}

if (process.argv.includes('--print')) process.stdout.write(pageText());
else writeFileSync(page, pageText());
