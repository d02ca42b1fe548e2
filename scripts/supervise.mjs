// Keeps a program running: its output goes to a log file, a crash restarts it with a growing pause, stop() ends it.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';

const firstPauseMs = 250;
const longestPauseMs = 10_000;
/** A run this long counts as healthy: the next crash starts with the shortest pause again. */
const healthyAfterMs = 30_000;
const stopPatienceMs = 20_000;

export function supervise({ name, command, args, cwd, env, logFile, echo, onPid, onRestart }) {
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  let child;
  let stopping = false;
  let pauseMs = firstPauseMs;
  let timer;

  const launch = () => {
    const startedAt = Date.now();
    // The ipc channel tells the child when this process is gone, so that nothing is left behind holding a port.
    child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    if (echo) {
      child.stdout.pipe(process.stdout, { end: false });
      child.stderr.pipe(process.stderr, { end: false });
    }
    onPid(child.pid);
    child.once('exit', (code, signal) => {
      if (stopping) return;
      if (Date.now() - startedAt > healthyAfterMs) pauseMs = firstPauseMs;
      onRestart(`${name} ended (${signal ?? `exit code ${code}`}); starting it again. Its log: ${logFile}`);
      timer = setTimeout(launch, pauseMs);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    });
    child.once('error', (cause) => onRestart(`${name} could not be started: ${cause.message}`));
  };
  launch();

  return {
    name,
    /** From now on an end is wanted: Ctrl-C in a terminal reaches the program itself before anybody calls stop(). */
    expectEnd() {
      stopping = true;
      clearTimeout(timer);
    },
    async stop() {
      this.expectEnd();
      if (child.exitCode === null && child.signalCode === null) {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        const forced = setTimeout(() => child.kill('SIGKILL'), stopPatienceMs);
        await ended;
        clearTimeout(forced);
      }
      log.end();
    },
  };
}
