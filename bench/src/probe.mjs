/**
 * Loaded into every server process before its program (`node --expose-gc --import probe.mjs …`): answers questions of the
 * bench about processor time and memory, and records a profile of exactly the time that is measured. Costs nothing
 * between the questions.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';

let profiler;

/** Kilobytes of this process by kind: `Anon` is its own memory, `File` mapped files such as the store. */
function residentKb(kind) {
  try {
    return Number(new RegExp(`${kind}:\\s+(\\d+) kB`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function memory() {
  const { rss, heapUsed, external } = process.memoryUsage();
  return { residentKb: rss / 1024, ownKb: residentKb('RssAnon'), heapKb: heapUsed / 1024, externalKb: external / 1024 };
}

/** What is garbage goes, also what a finaliser frees only in the next round. */
async function settle() {
  for (let round = 0; round < 4; round += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function startProfile() {
  profiler = new Session();
  profiler.connect();
  profiler.post('Profiler.enable');
  profiler.post('Profiler.setSamplingInterval', { interval: 200 });
  profiler.post('Profiler.start');
}

function stopProfile(file) {
  return new Promise((resolve) => {
    profiler.post('Profiler.stop', (_error, { profile }) => {
      writeFileSync(file, JSON.stringify(profile));
      profiler.disconnect();
      resolve();
    });
  });
}

const answers = {
  usage: () => {
    const { user, system } = process.cpuUsage();
    return { cpuUs: user + system, ...memory() };
  },
  settle: async () => {
    await settle();
    return memory();
  },
  startProfile: () => startProfile(),
  stopProfile: (file) => stopProfile(file),
};

process.on('message', async ({ ask, argument }) => {
  process.send?.({ ask, answer: (await answers[ask]?.(argument)) ?? {} });
});
